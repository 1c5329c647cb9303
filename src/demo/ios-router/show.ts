/** The other `show` commands. Pure; shapes from recordings and Cisco's command reference except where noted. */
import { iosText, maskOfLength, split } from './addresses.ts';
import type { Context, Effect, Handler } from './context.ts';
import { DEFAULT_VRF, type Device, type Interface, type TrackObject } from './device.ts';
import { routeLine } from './route-text.ts';

/** IOS's short ages: `00:04:59`, `1d16h`, `3w2d`. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const days = Math.floor(seconds / 86_400);
  if (days >= 7) return `${Math.floor(days / 7)}w${days % 7}d`;
  if (days >= 1) return `${days}d${String(Math.floor(seconds / 3600) % 24).padStart(2, '0')}h`;
  return clockText(seconds);
}

const UPTIME_UNITS: readonly (readonly [name: string, minutes: number])[] = [
  ['year', 525_600],
  ['week', 10_080],
  ['day', 1440],
  ['hour', 60],
  ['minute', 1],
];

/** `1 week, 2 days, 3 hours, 4 minutes`; units that are zero are left out, but minutes stay when all are. */
export function uptimeText(ms: number): string {
  let rest = Math.max(0, Math.floor(ms / 60_000));
  const parts: string[] = [];
  for (const [name, minutes] of UPTIME_UNITS) {
    const count = Math.floor(rest / minutes);
    rest %= minutes;
    if (count > 0) parts.push(`${count} ${name}${count === 1 ? '' : 's'}`);
  }
  return parts.join(', ') || '0 minutes';
}

/** `Sat May 29 2021` and `12:44:10.123 UTC`, always UTC. */
function dateParts(wall: number): { readonly time: string; readonly day: string } {
  const iso = new Date(wall).toISOString();
  const [weekday, day, month, year] = new Date(wall).toUTCString().replace(',', '').split(' ');
  return { time: `${iso.slice(11, 23)} UTC`, day: `${weekday} ${month} ${Number(day)} ${year}` };
}

/** Time stamp of a log line; `*` says that the clock is not synchronised: `*Mar  1 00:01:02.345`. */
export function logStamp(wall: number): string {
  const [, day, month] = new Date(wall).toUTCString().replace(',', '').split(' ');
  return `*${month} ${String(Number(day)).padStart(2)} ${new Date(wall).toISOString().slice(11, 23)}`;
}

export const showRunningConfig: Handler = ({ device }) => {
  const body = configuration(device);
  const bytes = body.reduce((sum, line) => sum + line.length + 1, 0);
  return { output: ['Building configuration...', '', `Current configuration : ${bytes} bytes`, ...body] };
};

export const showVersion: Handler = ({ device, nowMono }) => ({
  output: [
    'Cisco IOS XE Software, Version 16.12.03',
    'Cisco IOS Software [Gibraltar], Virtual XE Software (X86_64_LINUX_IOSD-UNIVERSALK9-M), Version 16.12.3, RELEASE SOFTWARE (fc5)',
    '',
    'ROM: IOS-XE ROMMON',
    '',
    `${device.hostname} uptime is ${uptimeText(nowMono - device.bootedMono)}`,
    `Uptime for this control processor is ${uptimeText(nowMono - device.bootedMono)}`,
    'System returned to ROM by reload',
    'System image file is "bootflash:packages.conf"',
  ],
});

export const showClock: Handler = ({ wall }) => {
  const { time, day } = dateParts(wall);
  return { output: [`*${time} ${day}`] };
};

export const showPrivilege: Handler = ({ mode }) => ({
  output: [`Current privilege level is ${mode === 'user' ? 1 : 15}`],
});

export const showUsers: Handler = ({ vtys, self }) => ({
  output: [
    '    Line       User       Host(s)              Idle       Location',
    ...vtys.map(({ line, user, from }) => {
      const star = line === self.line ? '*' : ' ';
      return `${star}${String(line + 1).padStart(3)} vty ${String(line).padEnd(6)}${user.padEnd(11)}idle                 00:00:00 ${from}`;
    }),
    '',
    '  Interface    User               Mode         Idle     Peer Address',
  ],
});

/** `show track [N]`. */
export const showTrack: Handler = (context, args): Effect => {
  const wanted = args.track === undefined ? undefined : Number(args.track);
  const tracks = context.device.tracks.filter(({ id }) => wanted === undefined || id === wanted);
  return { output: tracks.toSorted((a, b) => a.id - b.id).flatMap((track) => trackLines(context, track)) };
};

function trackLines({ device, nowMono }: Context, track: TrackObject): string[] {
  const used = device.running.some((route) => route.track === track.id);
  return [
    `Track ${track.id}`,
    `  IP SLA ${track.id} reachability`,
    `  Reachability is ${track.up ? 'Up' : 'Down'}`,
    `    ${track.changes} ${track.changes === 1 ? 'change' : 'changes'}, last change ${age(nowMono - track.changedMono)}`,
    `  Latest operation return code: ${track.up ? 'OK' : 'Timeout'}`,
    // The user's name in this line is unverified.
    ...(used ? ['  Tracked by:', '    Static IP Routing 0'] : []),
  ];
}

function configuration(device: Device): string[] {
  const global = device.running.filter((route) => !route.prefix.includes(':'));
  const ipv6 = device.running.filter((route) => route.prefix.includes(':'));
  return [
    '!',
    ...(device.changed === undefined ? [] : [lastChange(device.changed), '!']),
    'version 16.12',
    'service timestamps debug datetime msec',
    'service timestamps log datetime msec',
    '!',
    `hostname ${device.hostname}`,
    '!',
    ...device.vrfs.flatMap((vrf) => [
      `vrf definition ${vrf}`,
      ' !',
      ' address-family ipv4',
      ' exit-address-family',
      ' !',
      ' address-family ipv6',
      ' exit-address-family',
      '!',
    ]),
    ...device.tracks.flatMap(({ id }) => [`track ${id} ip sla ${id} reachability`, '!']),
    ...device.interfaces.flatMap(interfaceLines),
    ...global.map(routeLine),
    ...ipv6.map(routeLine),
    '!',
    'line vty 0 4',
    ' login local',
    ' transport input ssh',
    '!',
    'end',
  ];
}

function lastChange(changed: { readonly by: string; readonly at: number }): string {
  const { time, day } = dateParts(changed.at);
  return `! Last configuration change at ${time.replace(/\.\d+/, '')} ${day} by ${changed.by}`;
}

function interfaceLines(port: Interface): string[] {
  return [
    `interface ${port.name}`,
    ...(port.description === undefined ? [] : [` description ${port.description}`]),
    ...(port.vrf === DEFAULT_VRF ? [] : [` vrf forwarding ${port.vrf}`]),
    ...port.addresses.map(addressLine),
    ...(port.up ? [] : [' shutdown']),
    '!',
  ];
}

function addressLine(own: string): string {
  const { address, length } = split(own);
  return own.includes(':') ? ` ipv6 address ${iosText(own)}` : ` ip address ${address} ${maskOfLength(length)}`;
}

function clockText(seconds: number): string {
  return [seconds / 3600, (seconds / 60) % 60, seconds % 60]
    .map((part) => String(Math.floor(part)).padStart(2, '0'))
    .join(':');
}
