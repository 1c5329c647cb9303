/** One run on the wire: tries, and waiting for the first reply that proves itself. */
import type { Socket } from 'node:dgram';
import type { Timer } from '../../lib/clock.ts';
import type { FailCause, ProbeResult } from '../../model.ts';
import type { ProbeContext, ProbeTarget } from '../contract.ts';
import { type Run, watchDeadline } from '../run.ts';
import { type Authenticity, verifyReply } from './authentication.ts';
import { attributeName, CODE, codeName } from './dictionary.ts';
import { judgeReply } from './judge.ts';
import type { RadiusOptions } from './options.ts';
import { decode, type Packet } from './packet.ts';
import { buildRequest } from './request.ts';

/** What went out, as far as a reply must prove that it knows it. */
interface Try {
  readonly identifier: number;
  readonly authenticator: Buffer;
}

/** Causes of a run in which nothing could be believed, the more telling one last. */
const DOUBTS = ['malformed', 'wrong-authenticator', 'unsigned-reply'] as const satisfies readonly FailCause[];
type Doubt = (typeof DOUBTS)[number];

/**
 * All tries of a run share one connected socket, and an authentic reply to any of them ends the run: a server that is
 * slower than `tryTimeout` is found alive by its answer to the first try, with the time it really took.
 * What does not prove itself is remembered and waited past, so that a forger who is quicker than the server can make
 * neither a healthy server look failed nor a dead one alive. The price: a wrong secret is told only at the timeout.
 */
export class Exchange {
  readonly #target: ProbeTarget;
  readonly #options: RadiusOptions;
  readonly #context: ProbeContext;
  readonly #run: Run;
  readonly #tryTimeoutMs: number;
  readonly #tries: Try[] = [];
  #doubt: { readonly cause: Doubt; readonly detail: string } | undefined;
  #socket: Socket | undefined;
  #tryTimer: Timer | undefined;
  #resolve: ((result: ProbeResult) => void) | undefined;

  constructor(
    options: RadiusOptions,
    {
      target,
      context,
      run,
      tryTimeoutMs,
    }: { target: ProbeTarget; context: ProbeContext; run: Run; tryTimeoutMs: number },
  ) {
    this.#options = options;
    this.#target = target;
    this.#context = context;
    this.#run = run;
    this.#tryTimeoutMs = tryTimeoutMs;
  }

  /** Settles once, with every timer and the socket released. */
  async result(): Promise<ProbeResult> {
    const settled = new Promise<ProbeResult>((resolve) => {
      this.#resolve = resolve;
    });
    const stopWatch = watchDeadline(this.#context, {
      expire: () => this.#finish(this.#nothingAuthentic()),
      abort: () => this.#finish(this.#run.error('aborted', 'the run was cancelled')),
    });
    this.#guard(() => this.#open());
    try {
      return await settled;
    } finally {
      stopWatch();
    }
  }

  #open(): void {
    const { address, family, source, sourcePorts } = this.#target;
    const socket = this.#context.sockets.createUdp({
      type: family === 4 ? 'udp4' : 'udp6',
      // Addresses only: nothing is looked up, and bind and connect need no extra turn of the event loop.
      lookup: (hostname, _options, callback) => callback(null, hostname, family),
    });
    this.#socket = socket;
    socket.on('error', (error) => this.#finish(this.#run.thrown(error)));
    socket.on('message', (datagram) => this.#guard(() => this.#receive(datagram)));
    socket.once('listening', () => this.#guard(() => socket.connect(this.#port(), address)));
    socket.once('connect', () => this.#guard(() => this.#send()));
    const port =
      sourcePorts && sourcePorts.first + this.#context.random.integer(sourcePorts.last - sourcePorts.first + 1);
    socket.bind({ port: port ?? 0, exclusive: true, ...(source !== undefined && { address: source }) });
  }

  #port(): number {
    return this.#options.port ?? (this.#options.accounting ? 1813 : 1812);
  }

  #send(): void {
    const { random, clock } = this.#context;
    // Counting on from a random start keeps the identifiers of one run apart (RFC 5997 section 4.2: no retransmission).
    const identifier =
      this.#tries[0] === undefined ? random.integer(256) : (this.#tries[0].identifier + this.#tries.length) % 256;
    const sent = { identifier, authenticator: random.bytes(16) };
    const request = buildRequest(this.#options, { ...sent, chapIdentifier: random.integer(256) });
    this.#tries.push(sent);
    this.#run.note(`> ${describePacket(decode(request))}`);
    this.#socket?.send(request, (error) => {
      if (error !== null) this.#finish(this.#run.thrown(error));
    });
    if (this.#tries.length < this.#options.tries) {
      this.#tryTimer = clock.timer(this.#tryTimeoutMs, () => this.#guard(() => this.#send()));
    }
  }

  #receive(datagram: Buffer): void {
    const packet = decode(datagram);
    this.#run.note(`< ${describePacket(packet)}`);
    if ('problem' in packet) {
      this.#remember('malformed', `not a RADIUS packet: ${packet.problem}`);
      return;
    }
    const asked = this.#tries.find((sent) => sent.identifier === packet.identifier);
    if (asked === undefined) {
      this.#run.note('  ignored: no request of this run has this identifier');
      return;
    }
    const authenticity = verifyReply(packet, asked.authenticator, this.#options.secret.reveal());
    if (this.#believes(packet, authenticity)) this.#judge(packet);
  }

  #judge(reply: Packet): void {
    this.#run.reached('firstByte');
    try {
      const judgement = judgeReply(reply, this.#options, this.#target.identity);
      const { detail } = judgement;
      this.#finish(judgement.good ? this.#run.pass(detail) : this.#run.fail(judgement.cause, detail));
    } catch (error) {
      // A pattern of ours that is too slow for this reply.
      this.#finish(this.#run.thrown(error));
    }
  }

  #believes(reply: Packet, authenticity: Authenticity): boolean {
    if (authenticity === 'signed') return true;
    const name = codeName(reply.code);
    if (authenticity === 'wrong') {
      this.#remember('wrong-authenticator', `${name} with a wrong authenticator: another shared secret, or forged`);
      return false;
    }
    // RFC 3579 section 3.2 puts Message-Authenticator into Access packets only.
    if (this.#options.messageAuthenticator === 'acceptMissing' || reply.code === CODE.accountingResponse) return true;
    this.#remember(
      'unsigned-reply',
      `${name} without Message-Authenticator (CVE-2024-3596); see \`messageAuthenticator\``,
    );
    return false;
  }

  #remember(cause: Doubt, detail: string): void {
    this.#run.note(`  not believed: ${cause}`);
    const known = this.#doubt === undefined ? -1 : DOUBTS.indexOf(this.#doubt.cause);
    if (DOUBTS.indexOf(cause) > known) this.#doubt = { cause, detail };
  }

  #nothingAuthentic(): ProbeResult {
    if (this.#doubt !== undefined) return this.#run.fail(this.#doubt.cause, this.#doubt.detail);
    const tries = this.#tries.length === 1 ? '1 try' : `${this.#tries.length} tries`;
    return this.#run.fail('timeout', `no answer within ${this.#context.timeoutMs} ms, ${tries}`);
  }

  /** Runs a step, unless the run is over; what it throws ends the run. Sockets call back outside of any promise. */
  #guard(step: () => void): void {
    if (this.#resolve === undefined) return;
    try {
      step();
    } catch (error) {
      this.#finish(this.#run.thrown(error));
    }
  }

  #finish(result: ProbeResult): void {
    const resolve = this.#resolve;
    if (resolve === undefined) return;
    this.#resolve = undefined;
    this.#tryTimer?.cancel();
    this.#socket?.close();
    resolve(result);
  }
}

function describePacket(packet: ReturnType<typeof decode>): string {
  if ('problem' in packet) return `malformed: ${packet.problem}`;
  const attributes = packet.attributes.map(({ type }) => attributeName(type)).join(', ');
  return `${codeName(packet.code)} id ${packet.identifier}, ${packet.bytes.length} octets${attributes && `: ${attributes}`}`;
}
