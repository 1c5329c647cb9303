/** The simulated router's state, as data: configuration, interfaces, tracks. Pure; every change gives a new Device. */

/** One static route of the running configuration. Prefix and addresses are canonical. */
export interface StaticRoute {
  readonly vrf: string;
  readonly prefix: string;
  readonly interface?: string;
  readonly nextHop?: string;
  /** Administrative distance, 1 to 255; 1 is not displayed. */
  readonly distance: number;
  readonly tag?: number;
  readonly name?: string;
  readonly track?: number;
  readonly permanent: boolean;
  /** Monotonic time of the line, for the age of an IPv6 route. */
  readonly sinceMono: number;
}

/** What `no ip route` names: without next hop and interface it means every route of the prefix. */
export interface RouteSelector {
  readonly vrf: string;
  readonly prefix: string;
  readonly interface?: string;
  readonly nextHop?: string;
  /** Attributes of the line; where one differs from the stored route, nothing matches. */
  readonly attributes: Partial<Pick<StaticRoute, 'distance' | 'tag' | 'name' | 'track'>>;
}

export interface Interface {
  readonly name: string;
  readonly vrf: string;
  /** The router's own addresses with their length: `10.10.10.254/24`. */
  readonly addresses: readonly string[];
  readonly up: boolean;
  readonly description?: string;
}

export interface TrackObject {
  readonly id: number;
  readonly up: boolean;
  readonly changes: number;
  readonly changedMono: number;
}

/** A route that a routing protocol put into the RIB: what covers a host route that is not there. */
export interface LearnedRoute {
  readonly vrf: string;
  readonly prefix: string;
  readonly nextHop: string;
}

export interface Device {
  readonly hostname: string;
  readonly vrfs: readonly string[];
  readonly interfaces: readonly Interface[];
  readonly tracks: readonly TrackObject[];
  readonly learned: readonly LearnedRoute[];
  readonly running: readonly StaticRoute[];
  readonly startup: readonly StaticRoute[];
  /** Monotonic time of the last boot. */
  readonly bootedMono: number;
  /** Who changed the running configuration last, and when (wall milliseconds). */
  readonly changed?: { readonly by: string; readonly at: number };
  /** False = a fault: no static route gets into the RIB, as if no next hop could be reached. */
  readonly nextHopsReachable: boolean;
}

/** The global table's name, in the model and in IOS's own texts. */
export const DEFAULT_VRF = 'default';

export function hasVrf(device: Device, vrf: string): boolean {
  return vrf === DEFAULT_VRF || device.vrfs.includes(vrf);
}

/** Adds a route; one with the same prefix, next hop and interface is replaced in its place. */
export function addRoute(device: Device, route: StaticRoute): Device {
  const at = device.running.findIndex((other) => samePath(other, route));
  const running = at < 0 ? [...device.running, route] : device.running.with(at, route);
  return { ...device, running };
}

/** Removes what the selector names; undefined where nothing matches (`%No matching route to delete`). */
export function removeRoute(device: Device, selector: RouteSelector): Device | undefined {
  const running = device.running.filter((route) => !matches(route, selector));
  return running.length === device.running.length ? undefined : { ...device, running };
}

/** Whether the address is one of the router's own. */
export function isOwnAddress(device: Device, vrf: string, address: string): boolean {
  return device.interfaces.some(
    (port) => port.vrf === vrf && port.addresses.some((own) => own.slice(0, own.indexOf('/')) === address),
  );
}

/** Sets the state of a track object, making it if it is new. */
export function setTrack(device: Device, id: number, up: boolean, nowMono: number): Device {
  const old = device.tracks.find((track) => track.id === id);
  if (old?.up === up) return device;
  const track = { id, up, changes: (old?.changes ?? 0) + 1, changedMono: nowMono };
  return { ...device, tracks: [...device.tracks.filter((other) => other.id !== id), track] };
}

export function setInterface(device: Device, name: string, up: boolean): Device {
  return { ...device, interfaces: device.interfaces.map((port) => (port.name === name ? { ...port, up } : port)) };
}

/** `write memory`. */
export function save(device: Device): Device {
  return { ...device, startup: device.running };
}

/** What is left after a reload: the startup configuration, at uptime 0. */
export function boot(device: Device, nowMono: number): Device {
  const { changed: _forgotten, ...kept } = device;
  const running = device.startup.map((route) => ({ ...route, sinceMono: nowMono }));
  const tracks = device.tracks.map((track) => ({ ...track, changes: 0, changedMono: nowMono }));
  return { ...kept, running, tracks, bootedMono: nowMono };
}

function samePath(a: StaticRoute, b: StaticRoute): boolean {
  return a.vrf === b.vrf && a.prefix === b.prefix && a.interface === b.interface && a.nextHop === b.nextHop;
}

function matches(route: StaticRoute, selector: RouteSelector): boolean {
  if (route.vrf !== selector.vrf || route.prefix !== selector.prefix) return false;
  if (selector.nextHop !== undefined || selector.interface !== undefined) {
    if (route.nextHop !== selector.nextHop || route.interface !== selector.interface) return false;
  }
  const { distance, tag, name, track } = selector.attributes;
  return (
    (distance === undefined || distance === route.distance) &&
    (tag === undefined || tag === route.tag) &&
    (name === undefined || name === route.name) &&
    (track === undefined || track === route.track)
  );
}
