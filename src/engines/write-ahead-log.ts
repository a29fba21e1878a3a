/**
 * SQLite empties its write-ahead log again and again, but leaves the file as large as it ever became: one long read, during which it cannot be
 * emptied, would cost its size for ever. What is beyond this is given back to the disk.
 */
export const KEPT_LOG_BYTES = 16 * 1024 * 1024;
