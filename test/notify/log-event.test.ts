import { expect, test } from 'vitest';
import type { AnytrackEvent } from '../../src/notify/contract.ts';
import { toLogRecord } from '../../src/notify/log-event.ts';

const subject = { at: 1000, policy: 'web', endpoint: 'a' };

test.each<[string, AnytrackEvent, string, object]>([
  [
    'a probe that went down says why',
    {
      ...subject,
      type: 'probeStateChanged',
      target: '10.10.10.1',
      probe: 'health',
      from: 'up',
      to: 'down',
      evidence: [
        {
          probe: 'health',
          target: '10.10.10.1',
          result: {
            startedAt: 0,
            startedMono: 0,
            endedMono: 1,
            phases: { total: 1 },
            transcript: [],
            outcome: 'fail',
            cause: 'http-status',
            detail: '500',
          },
        },
      ],
    },
    'probe state changed',
    {
      target: '10.10.10.1',
      probe: 'health',
      from: 'up',
      to: 'down',
      outcome: 'fail',
      cause: 'http-status',
      detail: '500',
    },
  ],
  [
    'a track has from and to',
    {
      ...subject,
      type: 'trackChanged',
      address: '10.0.0.2',
      from: 'up',
      track: { state: 'down', sinceMono: 5, explanation: 'DOWN(health DOWN)', reason: 'failed' },
      up: 1,
      total: 2,
      evidence: [],
      thresholds: '',
    },
    'track changed',
    { from: 'up', to: 'down', reason: 'failed', explanation: 'DOWN(health DOWN)', up: 1, total: 2 },
  ],
  [
    'a verdict has from and to',
    {
      at: 1000,
      type: 'verdictChanged',
      policy: 'web',
      address: '10.0.0.2',
      verdict: { endpoint: 'a', action: 'withdraw', reason: 'endpoint-down', detail: 'DOWN(health DOWN)' },
      from: { endpoint: 'a', action: 'announce', reason: 'endpoint-up', detail: '2 of 2 up' },
      up: 1,
      total: 2,
    },
    'verdict changed',
    { from: 'announce', to: 'withdraw', reason: 'endpoint-down', detail: 'DOWN(health DOWN)' },
  ],
])('%s', (_, event, message, fields) => {
  expect(toLogRecord(event)).toMatchObject({
    level: 'info',
    message,
    fields: { policy: 'web', endpoint: 'a', ...fields },
  });
});
