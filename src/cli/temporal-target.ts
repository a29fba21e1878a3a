import type { ConnectionOptions } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { BarrageError } from '../model/errors.js';
import type { BarrageConfig } from '../workers/config.js';
import type { Origin } from './settings-sources.js';

/** How to reach Temporal. The options may hold an API key or a client's key: never show them. */
export interface TemporalTarget {
  readonly options: ConnectionOptions;
  readonly address: string;
  readonly namespace: string;
  /** Whether somebody named a server; where nobody did, `up` starts one of its own. */
  readonly isNamed: boolean;
  /** Where the address came from, in words. */
  readonly from: string;
}

const DEFAULT_ADDRESS = 'localhost:7233';

/** Joins our own settings with Temporal's variables and profile file (TLS, API key, headers). Throws `BAD_CONFIG`. */
export function temporalTarget(
  config: BarrageConfig['temporal'],
  env: NodeJS.ProcessEnv,
  addressOrigin: Origin,
): TemporalTarget {
  const { connectionOptions, namespace } = loadProfile(env);
  const address = config.address ?? connectionOptions.address;
  const { apiKey, tls, metadata } = connectionOptions;
  const from = config.address === undefined && address !== undefined ? "Temporal's profile file" : addressOrigin.name;
  return {
    options: {
      address: address ?? DEFAULT_ADDRESS,
      ...(typeof apiKey === 'string' && { apiKey }),
      ...(tls !== undefined && tls !== null && { tls }),
      ...(metadata && { metadata }),
    },
    address: address ?? DEFAULT_ADDRESS,
    namespace: config.namespace ?? namespace ?? 'default',
    isNamed: address !== undefined,
    from,
  };
}

function loadProfile(env: NodeJS.ProcessEnv): ReturnType<typeof loadClientConnectConfig> {
  const overrideEnvVars = Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value ? [[name, value]] : [])),
  );
  try {
    return loadClientConnectConfig({ overrideEnvVars });
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0]?.slice(0, 160) : 'unknown';
    throw new BarrageError(
      'BAD_CONFIG',
      `Temporal's own settings (TEMPORAL_*, or its profile file) are wrong: ${reason}.`,
    );
  }
}
