import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ios } from '../../../src/routers/cli/ios.ts';
import { asksForMore, visibleText, withoutNoise } from '../../../src/routers/cli/shared/text.ts';
import { promptsOf } from '../../../src/routers/ssh/prompt.ts';
import { echoedAnswer } from '../../../src/routers/ssh/reading.ts';

describe('what a terminal shows', () => {
  test.each([
    ['a\r\nb\r\n', 'a\nb\n'],
    ['abc\b\b\bxyz', 'xyz'],
    ['abc\rxy', 'xyc'],
    ['\x1b[1mbold\x1b[0m\x1b[K', 'bold'],
    ['\x1b]0;title\x07text', 'text'],
    ['be\x07ll\x00', 'bell'],
    ['page --More-- \b\b\b\b\b\b\b\b\b         ', 'page'],
  ])('%j -> %j', (raw, text) => {
    expect(visibleText(raw)).toBe(text);
  });

  test.each([' --More-- ', '<--- More --->', '---(more)---'])('a pager asks %j', (text) => {
    expect(asksForMore(`line\n${text}`)).toBe(true);
    expect(asksForMore(`${text}\nline`)).toBe(false);
  });

  test.each([
    ['*Mar  1 00:01:02.345: %SYS-5-CONFIG_I: Configured from console', true],
    ['000123: *Jan 29 08:17:01.416: %SELINUX-3-MISMATCH: Switch 1 R0/0: audispd: type=AVC', true],
    ['Jan 29 2026 08:17:01.416 UTC: %LINEPROTO-5-UPDOWN: Line protocol on Interface', true],
    ['%LINK-3-UPDOWN: Interface GigabitEthernet2, changed state to up', true],
    ["% Invalid input detected at '^' marker.", false],
    ['%No matching route to delete', false],
    ['ip route 10.0.0.1 255.255.255.255 10.255.0.2', false],
  ])('log line? %s', (line, isNoise) => {
    expect(withoutNoise([line], ios.noise)).toEqual(isNoise ? [] : [line]);
  });
});

test('an answer is found at the same place however the bytes arrive, and not before its end', () => {
  const prompts = promptsOf('edge1', ios);
  const reply = fc.array(fc.constantFrom('some text', '% Network not in table', 'edge1 is up', '  edge1#', ''), {
    maxLength: 6,
  });
  fc.assert(
    fc.property(reply, fc.boolean(), (lines, logged) => {
      const log = logged ? '*Mar  1 00:01:02.345: %SYS-5-CONFIG_I: x\r\n' : '';
      const spoken = ['show clock', ...lines].map((line) => `${line}\r\n`).join('');
      const stream = `${spoken}${log}edge1#`;
      for (let end = 0; end < stream.length; end++) {
        expect(echoedAnswer(stream.slice(0, end), 'show clock', prompts, ios.noise)).toBeUndefined();
      }
      const answer = echoedAnswer(stream, 'show clock', prompts, ios.noise);
      expect(answer).toEqual({ reply: lines.join('\n'), mode: 'privileged' });
    }),
  );
});

test('any bytes give a result', () => {
  const prompts = promptsOf('edge1', ios);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (received, sent) => {
      expect(() => echoedAnswer(received, sent, prompts, ios.noise)).not.toThrow();
    }),
  );
});
