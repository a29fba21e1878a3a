import { FaultRates, SimulatorOptions } from './options.js';

/** What `--help` prints. */
export function helpText(): string {
  const options = Object.entries(SimulatorOptions.shape)
    .filter(([name]) => name !== 'faults')
    .map(([name, schema]) =>
      line(
        `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
        `${schema.description ?? ''} [${JSON.stringify(schema.parse(undefined))}]`,
      ),
    );
  const faults = Object.entries(FaultRates.shape).map(([name, schema]) =>
    line(name, schema.description?.split(': ').at(-1)),
  );
  return `A platform of live rooms on this machine: speaks Bilibili's interfaces and socket protocol, and keeps a ledger of all it sends.

Usage: npm run simulator -- [options]

Options
${options.join('\n')}
${line('--faults', 'Let things go wrong, each kind a dozen times a minute and more.')}
${line('--replay FILE', 'The most popular room plays this capture (JSON lines) to each connection.')}
${line('--ledger FILE', 'Write the ledger there at the end.')}
${line('-h, --help', 'This text.')}

Faults, with --faults
${faults.join('\n')}

Examples
  npm run simulator -- --rooms 50 --rate 500 --port 7700
  npm run simulator -- --rooms 3 --rate 20 --faults --seed 7

To point barrage at it, set the base addresses of its Bilibili client (api, live, www) to the address printed at the start.
To point another client at it: get a token for the room from <address>/xlive/web-room/v1/index/getDanmuInfo (signed, with a
buvid3 cookie), then connect to ws://<address>/sub with it. With bilibili-live-ws:
  new LiveWS(roomId, { address: 'ws://127.0.0.1:7700/sub', key: token, protover: 3 })
With tiny-bilibili-ws/browser (its build for Node asks the real platform for the room first):
  new KeepLiveWS(roomId, { host: '127.0.0.1', port: 7700, path: '/sub', ssl: false, key: token, uid: 0, protover: 3,
    customWebSocket: (url) => new WebSocket(url) })
Both want --reply-version 1: they read answers by the version of the header, as it was until 2026. More: docs/simulator.md.`;
}

const line = (name: string, text = ''): string => `  ${name.padEnd(22)} ${text}`;
