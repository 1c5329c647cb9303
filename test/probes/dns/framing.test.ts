import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Deframer, frame } from '../../../src/probes/dns/framing.ts';

test('the length stands in front, in two octets', () => {
  expect(frame(Buffer.from('abc'))).toEqual(Buffer.from('\0\u0003abc'));
});

test('however the stream is split, the messages come out whole and in order', () => {
  const message = fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(fc.array(message, { maxLength: 5 }), fc.array(fc.integer({ min: 1, max: 300 })), (messages, cuts) => {
      const deframer = new Deframer();
      let stream = Buffer.concat(messages.map(frame));
      const received: Buffer[] = [];
      for (const cut of cuts) {
        received.push(...deframer.push(stream.subarray(0, cut)));
        stream = stream.subarray(cut);
      }
      received.push(...deframer.push(stream));
      expect(received).toEqual(messages);
    }),
  );
});
