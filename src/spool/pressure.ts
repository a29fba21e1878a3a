import { FULL_FROM } from '../model/shedding.js';
import type { SpoolConfig } from './config.js';

type Pressure = 'ok' | 'tight' | 'full';

/** A level is left only this far below where it began, so that it does not flicker with each append. */
const HYSTERESIS = 0.05;

/** How full the spool is, by what was accepted or waits to be. */
export class PressureGauge {
  private current: Pressure = 'ok';

  constructor(private readonly config: Pick<SpoolConfig, 'quotaBytes' | 'tightRatio'>) {}

  level(usedBytes: number): Pressure {
    const { quotaBytes, tightRatio } = this.config;
    const used = usedBytes / quotaBytes;
    const reaches = (ratio: number, held: boolean) => used >= (held ? ratio - HYSTERESIS : ratio);
    if (reaches(FULL_FROM, this.current === 'full')) this.current = 'full';
    else if (reaches(tightRatio, this.current !== 'ok')) this.current = 'tight';
    else this.current = 'ok';
    return this.current;
  }
}
