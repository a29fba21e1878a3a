import type { RegisterCommand } from '../context.js';
import { ListOptions, listRooms } from './list.js';
import { ShowOptions, showRoom } from './show.js';
import { StartOptions, startRoom } from './start.js';
import { StopOptions, stopRoom } from './stop.js';

const ROOM = 'bilibili:22603245, the room’s URL, or a bare number, which is a room of Bilibili';

const START_HELP = `
A room has one actor, however often and by whomever it is started: where it is collected already, it is told how
it is wanted from now on. Discovery does not end a room that a person started.

Examples:
  $ barrage room start 22603245
  $ barrage room start https://live.bilibili.com/22603245 --until offline
  $ barrage room start bilibili:22603245 --exclude enter,like --wait`;

const STOP_HELP = `
Closes the connection, stores what was accepted, writes the records, and returns when that is done. Discovery
leaves the room alone for a day.

Examples:
  $ barrage room stop bilibili:22603245`;

const LIST_HELP = `
States: connecting, streaming, waiting (for the next broadcast), suspended (too many failures in a row; tried
again by itself), paused, ended, failed. None: started in the UI, and no worker has begun it yet.

Examples:
  $ barrage room list
  $ barrage room list --state suspended
  $ barrage room list --json | jq -r '.[].room'`;

const SHOW_HELP = `
The actor's own state comes from Temporal; sessions (broadcasts), connections and gaps come from MongoDB, each
session with the share of its time that is recorded. A time that neither a connection nor a gap explains would
be a defect of barrage.

Examples:
  $ barrage room show bilibili:22603245
  $ barrage room show 22603245 --limit 100 --json | jq .sessions`;

export const registerRoom: RegisterCommand = (program, host) => {
  const room = program
    .command('room')
    .description('start, stop and look at rooms')
    .action(() => room.help({ error: true }));
  room
    .command('start')
    .argument('<room>', ROOM)
    .description('collect a room')
    .option(
      '--until <end>',
      'offline: to the end of the broadcast; cancelled: until somebody stops it (default: cancelled)',
    )
    .option('--priority <1-5>', '1 is placed first when connections are short (default: 3)')
    .option('--exclude <kinds>', 'kinds of events that are counted and not stored, such as enter,like')
    .option('--wait', 'return when it streams, or is known not to: it waits, is paused or is suspended')
    .addHelpText('after', START_HELP)
    .action(host.action(StartOptions, startRoom));
  room
    .command('stop')
    .argument('<room>', ROOM)
    .description('collect a room no longer')
    .addHelpText('after', STOP_HELP)
    .action(host.action(StopOptions, stopRoom));
  room
    .command('list')
    .description('list the rooms that are collected')
    .option('--state <state>', 'only those in this state')
    .option('--limit <number>', 'at most so many', '1000')
    .addHelpText('after', LIST_HELP)
    .action(host.action(ListOptions, listRooms));
  room
    .command('show')
    .argument('<room>', ROOM)
    .description('show one room: its actor, its sessions, connections and gaps')
    .option('--limit <number>', 'how many of each, the latest first', '10')
    .addHelpText('after', SHOW_HELP)
    .action(host.action(ShowOptions, showRoom));
};
