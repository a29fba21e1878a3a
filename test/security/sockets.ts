import { readdir, readFile, readlink } from 'node:fs/promises';

/** A socket that listens, or one that is connected. */
export interface SeenSocket {
  pid: number;
  /** `LISTEN`, or another state of TCP by its number. */
  state: string;
  local: string;
  remote: string;
}

const LISTEN = '0A';

/** The process and all that it started, and they. */
export async function familyOf(pid: number): Promise<number[]> {
  const parents = new Map<number, number>();
  for (const name of await readdir('/proc')) {
    const stat = /^\d+$/.test(name) ? await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '') : '';
    // The name of the program is in brackets, and may hold anything.
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    if (stat !== '') parents.set(Number(name), parent);
  }
  const family = [pid];
  for (const one of family) for (const [child, parent] of parents) if (parent === one) family.push(child);
  return family;
}

/** Every TCP socket of these processes, and every UDP one, which counts as listening. Linux only. */
export async function socketsOf(pids: readonly number[]): Promise<SeenSocket[]> {
  const owner = new Map<string, number>();
  for (const pid of pids) {
    for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      const inode = /^socket:\[(\d+)\]$/.exec(await readlink(`/proc/${pid}/fd/${fd}`).catch(() => ''))?.[1];
      if (inode !== undefined) owner.set(inode, pid);
    }
  }
  const found: SeenSocket[] = [];
  for (const table of ['tcp', 'tcp6', 'udp', 'udp6']) {
    const lines = (await readFile(`/proc/net/${table}`, 'utf8').catch(() => '')).split('\n').slice(1);
    for (const line of lines) {
      const [, local = '', remote = '', state = '', , , , , , inode = ''] = line.trim().split(/\s+/);
      const pid = owner.get(inode);
      const listens = table.startsWith('udp') || state === LISTEN;
      if (pid !== undefined)
        found.push({ pid, state: listens ? 'LISTEN' : state, local: addressOf(local), remote: addressOf(remote) });
    }
  }
  return found;
}

/** `0100007F:1F90` is 127.0.0.1:8080: four bytes at a time, each four backwards. */
function addressOf(hex: string): string {
  const [address = '', port = ''] = hex.split(':');
  const bytes = (address.match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, 'hex')].reverse());
  const isMapped = bytes.length === 16 && bytes.slice(0, 12).join() === '0,0,0,0,0,0,0,0,0,0,255,255';
  const shown = bytes.length === 4 || isMapped ? bytes.slice(-4).join('.') : Buffer.from(bytes).toString('hex');
  return `${shown}:${parseInt(port, 16)}`;
}
