import { writeFile } from 'node:fs/promises';
import { BUNDLE_PATH, bundleWorkflows } from './bundle.js';

const { code } = await bundleWorkflows();
await writeFile(BUNDLE_PATH, code);
