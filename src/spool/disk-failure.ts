/** The system's and LMDB's numbers for want of room: EFBIG, ENOSPC, EDQUOT, MDB_MAP_FULL. */
const NO_ROOM = new Set([27, 28, 122, -30792]);
const MDB_PANIC = -30795;

/** Why a transaction was refused. */
export class DiskFailure extends Error {
  override readonly name = 'DiskFailure';

  constructor(
    readonly reason: string,
    readonly isFull: boolean,
    /** LMDB takes nothing any more until it is reopened. */
    readonly isPanic: boolean,
  ) {
    super(reason);
  }
}

/** lmdb rejects with a general error, whose `commitError` is a promise that rejects with the reason. */
export async function diskFailure(error: unknown): Promise<DiskFailure> {
  const cause = await causeOf(error);
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'number' ? cause.code : 0;
  const reason = cause instanceof Error ? cause.message.slice(0, 120) : 'unknown';
  return new DiskFailure(reason, NO_ROOM.has(code), code === MDB_PANIC);
}

async function causeOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !('commitError' in error)) return error;
  try {
    await error.commitError;
    return error;
  } catch (cause) {
    return cause;
  }
}
