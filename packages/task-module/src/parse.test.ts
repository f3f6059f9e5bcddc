import { describe, expect, it } from 'vitest';
import { digestOf } from './digest.ts';
import { parseManifest, validateModules } from './parse.ts';

const simplest = `id: demo.tail
title: Tail a log
risk: read
params:
  lines: { type: integer, default: 50, minimum: 1, maximum: 5000 }
shell: |
  tail -n "$lines" /var/log/messages
`;

function manifestOf(text: string) {
  const parsed = parseManifest(text, 'demo.yaml');
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.manifest;
}

function problemsOf(text: string) {
  const parsed = parseManifest(text, 'demo.yaml');
  return 'problems' in parsed ? parsed.problems.map(({ line, column, message }) => `${line}:${column} ${message}`) : [];
}

describe('parseManifest', () => {
  it('reads a module of seven lines and fills in the rest', () => {
    expect(manifestOf(simplest)).toMatchObject({
      id: 'demo.tail',
      version: '1.0.0',
      title: { en: 'Tail a log', zh: 'Tail a log' },
      family: 'other',
      risk: 'read',
      idempotent: false,
      runAs: 'login',
      body: { kind: 'shell', shell: 'sh', source: 'tail -n "$lines" /var/log/messages\n' },
      params: { properties: { lines: { type: 'integer', default: 50 } }, required: [] },
    });
  });

  it('takes a module without a risk for destructive', () => {
    expect(manifestOf('id: a.b\ntitle: x\nshell: echo\n').risk).toBe('destructive');
  });

  it('takes params as whole JSON Schema too', () => {
    const text = `id: a.b
title: x
params:
  type: object
  properties: { name: { type: string, writeOnly: true } }
  required: [name]
shell: echo
`;
    expect(manifestOf(text).params).toEqual({
      type: 'object',
      properties: { name: { type: 'string', secret: true } },
      required: ['name'],
    });
  });

  it('takes options from the inventory or from a module', () => {
    const text = `id: a.b
title: x
params:
  host: { type: string, x-options: { from: hosts } }
  units: { type: array, items: { type: string }, x-options: { module: unit.list, params: { all: true } } }
shell: echo
`;
    expect(manifestOf(text).params.properties).toMatchObject({
      host: { 'x-options': { from: 'hosts' } },
      units: { 'x-options': { module: 'unit.list', params: { all: true } } },
    });
  });

  it.each([
    ['an unknown key', 'id: a.b\ntitle: x\nshell: "true"\nmaxHost: 3\n', '4:1 maxHost: this key is not known'],
    [
      'a copy that follows',
      'id: a.b\ntitle: x\nfollow: true\nfetch: { from: /a }\n',
      '3:9 follow: belongs to a shell or script body',
    ],
    [
      'a module that follows on some servers at a time',
      'id: a.b\ntitle: x\nfollow: true\nlimits: { parallel: 5 }\nshell: "true"\n',
      '4:21 limits.parallel: a module that follows runs on all its servers at the same time; limit them by maxHosts',
    ],
    [
      'an unknown keyword of a param',
      'id: a.b\ntitle: x\nparams:\n  n:\n    type: integer\n    $ref: "#/x"\nshell: "true"\n',
      '6:5 params.n.$ref: this key is not known',
    ],
    [
      'options beside an enum',
      'id: a.b\ntitle: x\nparams:\n  n: { type: string, enum: [a], x-options: { from: hosts } }\nshell: "true"\n',
      '4:44 params.n.x-options: belongs to a line of text, or a list of them, without an enum',
    ],
    [
      'options from nowhere',
      'id: a.b\ntitle: x\nparams:\n  n: { type: string, x-options: { from: moon } }\nshell: "true"\n',
      '4:33 params.n.x-options: { from: hosts, groups, zones or environments }, or { module: …, params: {…} }',
    ],
    [
      'a param without a type',
      'id: a.b\ntitle: x\nparams:\n  n: { default: 1 }\nshell: "true"\n',
      '4:6 params.n.type: a param has a type: string, integer, number, boolean or array',
    ],
    [
      'a reserved name',
      'id: a.b\ntitle: x\nparams:\n  ok: { type: string }\n  path: { type: string }\nshell: "true"\n',
      '5:3 params.path: this name means something to a shell and cannot be the name of a param',
    ],
    [
      'a default out of range',
      'id: a.b\ntitle: x\nparams:\n  n: { type: integer, maximum: 3, default: 4 }\nshell: "true"\n',
      '4:44 params.n.default: must be at most 3',
    ],
    [
      'a secret with a default',
      'id: a.b\ntitle: x\nparams:\n  n: { type: string, secret: true, default: hunter2 }\nshell: "true"\n',
      '4:45 params.n.default: a secret or a file has no default: all could read it here',
    ],
    [
      'two bodies',
      'id: a.b\ntitle: x\nshell: "true"\nfetch: { from: /x }\n',
      '4:8 fetch: exactly one body is needed (shell, script, copy, fetch); there are shell and fetch',
    ],
    ['no body', 'id: a.b\ntitle: x\n', '1:1 exactly one body is needed (shell, script, copy, fetch); there is none'],
    [
      'a look-ahead',
      'id: a.b\ntitle: x\nparams:\n  n: { type: string, pattern: "(?=a)" }\nshell: "true"\n',
      '4:31 params.n.pattern: not a pattern of RE2 syntax (look-ahead and back-references are not supported)',
    ],
    [
      'a path that names a secret',
      'id: a.b\ntitle: x\nparams:\n  n: { type: string, secret: true }\nfetch:\n  from: /etc/{n}\n',
      '6:9 fetch.from: {n} is not a param of this module that holds one line of text',
    ],
    ['an alias', 'id: &a a.b\ntitle: *a\nshell: "true"\n', 'anchors and aliases are not supported'],
    ['a tag', 'id: a.b\ntitle: !!js/function x\nshell: "true"\n', '2:8'],
    [
      '__proto__',
      'id: a.b\ntitle: x\nparams:\n  __proto__: { type: string }\nshell: "true"\n',
      '4:3 __proto__ is not a key',
    ],
    ['a key twice', 'id: a.b\nid: a.c\ntitle: x\nshell: "true"\n', '2:1 this key stands here twice'],
    ['broken YAML', 'id: a.b\ntitle: "x\n', '3:1 Missing closing "quote'],
    ['two documents', 'id: a.b\n---\nid: c.d\n', '2:1'],
    ['no mapping', '- 1\n', '1:1'],
    ['nothing', '', '1:1'],
  ])('says where %s stands', (_name, text, expected) => {
    expect(problemsOf(text).join('\n')).toContain(expected);
  });

  it.each([
    ['brackets', '['.repeat(200_000)],
    ['braces', `a: ${'{b: '.repeat(90_000)}`.slice(0, 260_000)],
    ['indentation', Array.from({ length: 700 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
    ['dashes', `${'- '.repeat(100_000)}a`],
    ['size', `# ${'x'.repeat(300_000)}`],
    ['dashes and indentation', Array.from({ length: 400 }, (_, depth) => `${' '.repeat(depth)}- a:`).join('\n')],
  ])('refuses too much of %s, without an exception', (_name, text) => {
    expect(problemsOf(text)).toHaveLength(1);
  });
});

describe('digestOf', () => {
  it('is the same for the same module, however it is written', async () => {
    const long = simplest
      .replace('title: Tail a log', 'title: { zh: Tail a log, en: Tail a log }')
      .replace('risk: read\n', '')
      .concat('risk: read\nversion: "1.0.0"\n');
    expect(await digestOf(manifestOf(long))).toBe(await digestOf(manifestOf(simplest)));
    expect(await digestOf(manifestOf(simplest))).toMatch(/^[0-9a-f]{64}$/);
  });

  it('changes with every part of the body', async () => {
    const other = simplest.replace('messages', 'message');
    expect(await digestOf(manifestOf(other))).not.toBe(await digestOf(manifestOf(simplest)));
  });
});

describe('validateModules', () => {
  it('finds an id and a legacy number that are used twice, at their place', () => {
    const one = 'id: a.b\nlegacyId: 7\ntitle: x\nshell: "true"\n';
    const two = 'title: x\nid: a.b\nlegacyId: 7\nshell: "true"\n';
    expect(
      validateModules([
        { file: 'one.yaml', text: one },
        { file: 'two.yaml', text: two },
      ]),
    ).toEqual([
      { file: 'two.yaml', line: 2, column: 5, message: 'id: a.b is already used by one.yaml' },
      { file: 'two.yaml', line: 3, column: 11, message: 'legacyId: 7 is already used by one.yaml' },
    ]);
  });
});
