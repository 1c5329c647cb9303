/** One anycast endpoint on a loopback address: name server, web server and RADIUS server together. */
import type { Clock } from '../../lib/clock.ts';
import type { Random } from '../../lib/random.ts';
import { DnsResponder } from './dns.ts';
import { HttpResponder } from './http.ts';
import { RadiusResponder } from './radius.ts';

export interface EndpointOptions {
  /** Loopback address that all three listen on. */
  readonly address: string;
  readonly dns: Omit<ConstructorParameters<typeof DnsResponder>[0], 'address'>;
  readonly http: Omit<ConstructorParameters<typeof HttpResponder>[0], 'address'>;
  readonly radius: Omit<ConstructorParameters<typeof RadiusResponder>[0], 'address'>;
}

/** Ports of the three. */
export interface EndpointPorts {
  readonly dns: number;
  readonly http: number;
  readonly radius: number;
}

export class EmbeddedEndpoint {
  readonly dns: DnsResponder;
  readonly http: HttpResponder;
  readonly radius: RadiusResponder;

  constructor(options: EndpointOptions, dependencies: { readonly clock: Clock; readonly random: Random }) {
    const { address } = options;
    this.dns = new DnsResponder({ ...options.dns, address }, dependencies);
    this.http = new HttpResponder({ ...options.http, address }, dependencies);
    this.radius = new RadiusResponder({ ...options.radius, address }, dependencies);
  }

  async start(): Promise<EndpointPorts> {
    const [dns, http, radius] = await Promise.all([this.dns.start(), this.http.start(), this.radius.start()]);
    return { dns: dns.port, http: http.port, radius: radius.port };
  }

  async close(): Promise<void> {
    await Promise.all([this.dns.close(), this.http.close(), this.radius.close()]);
  }

  /** Freezes or thaws the machine as a client sees it: no answer on any port, while the kernel completes TCP handshakes. */
  hang(hanging: boolean): void {
    this.dns.switches.silent = hanging;
    this.http.switches.hang = hanging;
    this.radius.switches.silent = hanging;
  }
}
