# syntax=docker/dockerfile:1
# One image for every role; the default command is a worker.

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY schema schema
COPY scripts scripts
COPY src src
RUN npm run build && npm prune --omit=dev

FROM node:24-bookworm-slim
# Temporal's native core checks certificates of TLS servers against the system's list.
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates tini \
 && rm -rf /var/lib/apt/lists/* \
 && install -d -o node -g node -m 0700 /var/lib/barrage/spool
WORKDIR /app
# Most of what a worker makes lives for milliseconds: with twice the usual space for that, V8 collects half as often. And its threads share the C library's free
# memory instead of keeping some each (docs/decisions.md).
ENV NODE_ENV=production NODE_OPTIONS=--max-semi-space-size=32 MALLOC_ARENA_MAX=1
COPY --from=build --chown=root:root /app/package.json ./
COPY --from=build --chown=root:root /app/node_modules node_modules
COPY --from=build --chown=root:root /app/schema schema
COPY --from=build --chown=root:root /app/src/engines/go src/engines/go
COPY --from=build --chown=root:root /app/dist dist
# The code is root's and the process is not: it can write to its spool, and nothing else.
USER node
VOLUME /var/lib/barrage/spool
EXPOSE 9464
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9464/healthz',{signal:AbortSignal.timeout(4000)}).then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"]
# SIGTERM closes every connection, flushes the spool and leaves; the compose file gives it a minute for that.
STOPSIGNAL SIGTERM
ENTRYPOINT ["tini", "--"]
CMD ["node", "dist/cli/main.js", "worker"]
