/** What a command sees and what it asks for. Commands are pure: the shell carries their effects out. */
import type { Device } from './device.ts';
import type { Args } from './grammar.ts';

export type Mode = 'user' | 'privileged' | 'config';

/** One vty line and who sits on it. */
export interface Vty {
  readonly line: number;
  readonly user: string;
  /** Address of the client. */
  readonly from: string;
}

export interface Context {
  readonly device: Device;
  readonly mode: Mode;
  readonly self: Vty;
  readonly vtys: readonly Vty[];
  readonly nowMono: number;
  /** Wall time, milliseconds. */
  readonly wall: number;
  readonly enablePassword?: string;
  /** What `configure terminal` answers while somebody else holds the configuration. */
  readonly lock?: string;
}

export interface Effect {
  /** Lines of the reply. */
  readonly output?: readonly string[];
  /** The device after the command; its presence means that the command wrote. */
  readonly device?: Device;
  readonly mode?: Mode;
  /** A question whose answer is the next line. */
  readonly ask?: 'enable' | 'copyDestination';
  readonly terminal?: { readonly length?: number; readonly width?: number; readonly monitor?: boolean };
  /** Ends the session. */
  readonly close?: true;
}

export type Handler = (context: Context, args: Args) => Effect;
