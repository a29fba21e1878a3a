import { EXIT_CODES } from './exit-codes.js';

/** How a process was asked to end. */
export interface StopSignals {
  /** Aborts at the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  /** The exit code of a command that was ended by it before it was done. */
  exitCode(): number;
  dispose(): void;
}

/** The first Ctrl-C or SIGTERM asks for a clean stop; a second Ctrl-C ends the process at once, with 130. */
export function watchStopSignals(say: (line: string) => void): StopSignals {
  const controller = new AbortController();
  let code: number = EXIT_CODES.interrupted.code;
  const onInterrupt = (): void => {
    if (controller.signal.aborted) process.exit(EXIT_CODES.interrupted.code);
    say('Stopping; press Ctrl-C again to end at once.');
    controller.abort(new DOMException('Stopped by Ctrl-C.', 'AbortError'));
  };
  const onTerminate = (): void => {
    if (controller.signal.aborted) return;
    code = EXIT_CODES.terminated.code;
    controller.abort(new DOMException('Stopped by SIGTERM.', 'AbortError'));
  };
  process.on('SIGINT', onInterrupt).on('SIGTERM', onTerminate);
  return {
    signal: controller.signal,
    exitCode: () => code,
    dispose: () => void process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate),
  };
}
