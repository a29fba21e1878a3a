/**
 * Unpacks the browser of `@sparticuz/chromium` into the temporary folder of this process (TMPDIR) and prints where its program is.
 * A process of its own, because the package reads its surroundings and writes wherever the temporary folder is.
 */
import chromium from '@sparticuz/chromium';

process.stdout.write(await chromium.executablePath());
