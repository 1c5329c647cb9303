/** Texts of all files -> settings or problems: parse, normalise, rules. Pure but for `readSecret` and `fileTrouble`, which are arguments. */
import type { Detection, LoadedSettings, Problem, Settings } from './contract.ts';
import { expandPolicy } from './expand.ts';
import { normalisePolicy } from './normalise-policy.ts';
import { normaliseSite } from './normalise-site.ts';
import { parseText } from './parse.ts';
import { ProblemList } from './problem-list.ts';
import type { Platforms, PolicyCase, SiteCase } from './rules/case.ts';
import { placementRules } from './rules/placement.ts';
import { policyRules } from './rules/policy.ts';
import { siteRules } from './rules/site.ts';
import { twinRules } from './rules/twins.ts';
import { type PolicyFile, policyFile } from './schema/policy.ts';
import type { ProbeKinds } from './schema/probe.ts';
import { Name } from './schema/scalars.ts';
import { siteFile } from './schema/site.ts';
import type { ReadSecret } from './secrets.ts';
import { type Shaped, shape } from './shape.ts';
import { extend, type Templates } from './templates.ts';
import { type Finding, isInside, type Tree, toPlain } from './tree.ts';
import { worstDetection } from './worst-detection.ts';

/** One file of the configuration. */
export interface SourceFile {
  /** Path as it is shown: relative to `base`, or absolute. */
  readonly file: string;
  /** File name without folder and extension. */
  readonly name: string;
  readonly text: string;
}

/** Everything that was read. */
export interface Sources {
  /** Absolute folder that the files' paths are relative to. */
  readonly base: string;
  /** Undefined if it could not be read. */
  readonly site: SourceFile | undefined;
  readonly policies: readonly SourceFile[];
  readonly templates: readonly SourceFile[];
  /** What went wrong while reading. */
  readonly problems: readonly Problem[];
}

/** What a configuration may name, and how its secrets are got. */
export interface CompileDeps {
  readonly probeKinds: ProbeKinds;
  readonly platforms: Platforms;
  readonly readSecret: ReadSecret;
  /** Why a file that is only read later (knownHosts) cannot be read; undefined if it can. */
  readonly fileTrouble: SiteCase['fileTrouble'];
}

/** Compiles the whole configuration and collects every problem. */
export function compileSettings(sources: Sources, deps: CompileDeps): LoadedSettings {
  return new Compiler(sources, deps).run();
}

/** A policy that could be normalised, with what it came from. */
interface Compiled extends PolicyCase {
  readonly tree: Tree;
  readonly shaped: Shaped<PolicyFile>;
}

class Compiler {
  readonly #sources: Sources;
  readonly #deps: CompileDeps;
  readonly #problems: ProblemList;

  constructor(sources: Sources, deps: CompileDeps) {
    this.#sources = sources;
    this.#deps = deps;
    const files = [sources.site, ...sources.templates, ...sources.policies].flatMap((source) => source?.file ?? []);
    this.#problems = new ProblemList(files);
  }

  run(): LoadedSettings {
    this.#problems.add(this.#sources.problems);
    this.#needPolicies();
    const site = this.#site();
    const templates = this.#templates();
    const policies = this.#sources.policies.flatMap((source) => this.#policy(source, templates) ?? []);
    this.#judge(policies, site);
    return {
      settings: this.#problems.isEmpty && site ? withPolicies(site, policies) : undefined,
      problems: this.#problems.sorted(),
      expanded: new Map(
        policies.map(({ policy, file, tree }) => [policy.name, expandPolicy(policy, file, toPlain(tree))]),
      ),
      detection: new Map(policies.map(({ policy }): [string, Detection] => [policy.name, worstDetection(policy)])),
    };
  }

  #site(): SiteCase | undefined {
    const { site: source, base } = this.#sources;
    const tree = source && this.#parse(source);
    if (source === undefined || tree === undefined) return undefined;
    const { platforms, readSecret, fileTrouble } = this.#deps;
    const shaped = shape(siteFile([...platforms.keys()]), tree, { readSecret, base });
    this.#problems.tell(tree, shaped.findings);
    if (shaped.value === undefined) return undefined;
    const site = {
      file: shaped.value,
      settings: normaliseSite(shaped.value, source.file, base),
      platforms,
      fileTrouble,
    };
    this.#tellRules(tree, shaped, siteRules(site));
    return site;
  }

  /** Every template is checked by itself too: one that nobody extends may be wrong all the same. */
  #templates(): Templates {
    const templates: Templates = new Map(this.#sources.templates.map((source) => [source.name, this.#parse(source)]));
    for (const [name, original] of templates) {
      if (original === undefined) continue;
      const { tree, findings } = extend(original, templates, name);
      this.#problems.tell(original, findings);
      if (tree !== undefined) this.#problems.tell(tree, this.#shapePolicy(tree, true).findings);
    }
    return templates;
  }

  #policy(source: SourceFile, templates: Templates): Compiled | undefined {
    const original = this.#parse(source);
    const badName = Name.safeParse(source.name).error?.issues[0]?.message;
    if (badName !== undefined) this.#tellFile(source.file, `the file's name is the policy's name: ${badName}`);
    if (original === undefined) return undefined;
    const { tree, findings } = extend(original, templates);
    this.#problems.tell(original, findings);
    if (tree === undefined) return undefined;
    const shaped = this.#shapePolicy(tree, false);
    this.#problems.tell(tree, shaped.findings);
    if (shaped.value === undefined) return undefined;
    const { probeKinds: kinds } = this.#deps;
    const policy = normalisePolicy(source.name, shaped.value, kinds);
    return { file: shaped.value, policy, kinds, tree, shaped };
  }

  #shapePolicy(tree: Tree, partial: boolean): Shaped<PolicyFile> {
    const { probeKinds, readSecret } = this.#deps;
    // The schema's output is PolicyFile: its probes are typed by kind only at run time.
    return shape(policyFile(probeKinds), tree, { readSecret, base: this.#sources.base, partial }) as Shaped<PolicyFile>;
  }

  #judge(policies: readonly Compiled[], site: SiteCase | undefined): void {
    for (const compiled of policies) {
      const { tree, shaped } = compiled;
      this.#tellRules(tree, shaped, policyRules(compiled));
      if (site !== undefined) this.#tellRules(tree, shaped, placementRules(compiled, site));
      this.#tellRules(tree, shaped, twinRules(compiled, policies));
    }
  }

  /** Without policies there is nothing to do; more likely the folder is the wrong one. */
  #needPolicies(): void {
    const { site, policies, problems } = this.#sources;
    if (site !== undefined && policies.length === 0 && problems.length === 0) {
      this.#tellFile(site.file, 'there is no policy: the policies folder holds no `*.yaml` file');
    }
  }

  #tellFile(file: string, message: string): void {
    this.#problems.add([{ file, line: 1, column: 1, path: '', message }]);
  }

  #parse(source: SourceFile): Tree | undefined {
    const { tree, problems } = parseText(source.file, source.text);
    this.#problems.addUnreadable(problems);
    return tree;
  }

  /** What a rule says about a mapping that lost a mistyped key may be wrong: first the key. */
  #tellRules(tree: Tree, { damaged }: Shaped<unknown>, findings: readonly Finding[]): void {
    const isDamaged = ({ path }: Finding) => damaged.some((part) => isInside(path, part));
    this.#problems.tell(
      tree,
      findings.filter((finding) => !isDamaged(finding)),
    );
  }
}

function withPolicies(site: SiteCase, policies: readonly Compiled[]): Settings {
  return { ...site.settings, policies: policies.map(({ policy }) => policy) };
}
