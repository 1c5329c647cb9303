/** How options say what a text must look like, for every probe kind that compares one. */
import { z } from 'zod';
import { compilePattern, matchesPattern } from './pattern.ts';

/** A regular expression as YAML holds it; not anchored unless it says so. */
export const patternSchema = z.string().superRefine((text, context) => {
  const compiled = compilePattern(text);
  if (typeof compiled === 'string') context.addIssue({ code: 'custom', message: compiled });
});

/** What a value may be compared with; a number is compared as its decimal text. */
export const plainValueSchema = z.union([z.string(), z.number()]);

/** A text must be exactly `equals` or be matched by the expression `match`. */
export interface TextRule {
  readonly equals?: string | number | undefined;
  readonly match?: string | undefined;
}

/** Whether `text` is as the rule says; a rule without conditions is met by every text. */
export function satisfies(text: string, rule: TextRule): boolean {
  if (rule.equals !== undefined && text !== String(rule.equals)) return false;
  return rule.match === undefined || matchesPattern(patternOf(rule.match), text);
}

/** The rule in the words of an operator: `equal to "ok"`. */
export function describeRule(rule: TextRule): string {
  if (rule.equals !== undefined) return `equal to ${JSON.stringify(String(rule.equals))}`;
  return rule.match === undefined ? 'present' : `matching /${rule.match}/`;
}

/** Patterns come from the configuration only, so their number is small. */
const compiled = new Map<string, RegExp>();

/** A pattern that the schema let through, compiled once. */
export function patternOf(text: string): RegExp {
  const known = compiled.get(text);
  if (known !== undefined) return known;
  const pattern = new RegExp(text, 'u');
  compiled.set(text, pattern);
  return pattern;
}
