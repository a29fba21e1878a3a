import { z } from 'zod';

const KiB = 1024;
const MiB = 1024 * KiB;

/** What a peer may make one socket message cost. A breach is a dead letter of its packet; the packets beside it are kept. */
export const CodecLimits = z.strictObject({
  maxFrameBytes: z
    .int()
    .min(4 * KiB)
    .max(64 * MiB)
    .default(4 * MiB)
    .describe('Largest socket message, in bytes as it came; over TCP the largest packet.'),
  maxInflatedBytes: z
    .int()
    .min(64 * KiB)
    .max(256 * MiB)
    .default(4 * MiB)
    .describe('What all packets of one socket message may inflate to together, in bytes, failed attempts included.'),
  maxPacketInflatedBytes: z
    .int()
    .min(64 * KiB)
    .max(64 * MiB)
    .default(2 * MiB)
    .describe('What one packet may inflate to, in bytes. Real ones stay below 64 KiB.'),
  maxMessageBytes: z
    .int()
    .min(4 * KiB)
    .max(16 * MiB)
    .default(1 * MiB)
    .describe(
      'Largest JSON text of one message, in bytes: parsed, it costs up to twenty times that. Real ones stay below 10 KiB.',
    ),
  maxPackets: z
    .int()
    .min(64)
    .max(1_000_000)
    .default(20_000)
    .describe('Packets in one socket message, those inside compressed ones included; and about as many events.'),
  maxNesting: z.int().min(1).max(4).default(2).describe('How deep compressed packets may lie in each other.'),
  maxJsonDepth: z.int().min(16).max(1_000).default(64).describe('Objects and lists within each other in one message.'),
  maxUndecodable: z
    .int()
    .min(1)
    .max(10_000)
    .default(256)
    .describe('Dead letters of one socket message; what is beyond them is told in one more.'),
});
export type CodecLimits = z.output<typeof CodecLimits>;

export const DEFAULT_LIMITS: Readonly<CodecLimits> = Object.freeze(CodecLimits.parse({}));
