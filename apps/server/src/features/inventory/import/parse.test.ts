import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from './fields.ts';
import { parseImport } from './parse.ts';
import { parseInWorker } from './parseInWorker.ts';

const lines = (...text: string[]) => text.join('\n');
const hostsOf = (format: 'csv' | 'yaml', text: string) => {
  const { hosts, problems } = parseImport(format, text);
  expect(problems).toEqual([]);
  return hosts;
};
const problemsOf = (format: 'csv' | 'yaml', text: string) =>
  parseImport(format, text).problems.map(({ line, message }) => `${line}: ${message}`);

describe('CSV', () => {
  it('names fields by its header, in any order, and keeps silent about the rest', () => {
    const text = lines(
      '\ufeffAddress, name ,port,user,credential,zone,environment,groups,labels',
      '10.0.0.1,web-01,2222,deploy,web-root,hk,生产,"web/www; 网站",role=db;canary',
      '',
      '"2001:db8::1",web-02,,,,,,,',
    );
    expect(hostsOf('csv', text)).toEqual([
      {
        line: 2,
        name: 'web-01',
        fields: {
          address: '10.0.0.1',
          port: 2222,
          user: 'deploy',
          credential: 'web-root',
          zone: 'hk',
          environment: '生产',
          groups: ['web/www', '网站'],
          labels: { role: 'db', canary: '' },
        },
      },
      { line: 4, name: 'web-02', fields: { address: '2001:db8::1', credential: null, groups: [], labels: {} } },
    ]);
    expect(hostsOf('csv', 'name\nweb-01')).toEqual([{ line: 2, name: 'web-01', fields: {} }]);
  });

  it('shows each mistake with its line', () => {
    const text = lines(
      'name,address,port',
      'ok,10.0.0.1,22',
      '-oProxyCommand=x,10.0.0.1,22',
      'a b,10.0.0.1,22',
      'c,-v,22',
      'd,10.0.0.1,99999',
      'e,10.0.0.1,ssh',
      'f,10.0.0.1',
      '"g\ng",10.0.0.1,22',
      '=cmd(),10.0.0.1,22',
    );
    const found = problemsOf('csv', text);
    expect(found.map((problem) => problem.split(':')[0])).toEqual(['3', '4', '5', '6', '7', '8', '10', '11']);
    expect(found[0]).toContain('name: letters, digits');
    expect(found[5]).toContain('has 2 cells, the header has 3');
  });

  it('refuses headers it cannot use', () => {
    expect(problemsOf('csv', '')).toEqual([expect.stringMatching(/^1: The first line must name the columns/)]);
    expect(problemsOf('csv', '10.0.0.1,root')[0]).toContain('Known columns: name, address');
    expect(problemsOf('csv', 'name,adress')[0]).toContain('There is no column adress');
    expect(problemsOf('csv', 'name,user,user')[0]).toContain('twice');
    expect(problemsOf('csv', 'name,__proto__\na,b')[0]).toContain('There is no column __proto__');
    expect(problemsOf('csv', 'name\n"a')[0]).toMatch(/^2: This is not CSV/);
  });

  it('keeps formulas as what they are: text that is no label', () => {
    expect(problemsOf('csv', 'name,labels\na,x==1+1')[0]).toContain('labels');
    expect(hostsOf('csv', 'name,labels\na,x=@+1')[0]?.fields.labels).toEqual({ x: '@+1' });
  });
});

describe('YAML', () => {
  it('is a list of servers', () => {
    const text = lines(
      '- name: web-01',
      '  address: 10.0.0.1',
      '  port: 2222',
      '  labels: { role: db, canary: "" }',
      '  groups: [web/www, 网站]',
      '- 0101',
      '- { name: web-02, labels: a=1;b, groups: x;y, credential: ~ }',
    );
    expect(hostsOf('yaml', text)).toEqual([
      {
        line: 1,
        name: 'web-01',
        fields: {
          address: '10.0.0.1',
          port: 2222,
          labels: { role: 'db', canary: '' },
          groups: ['web/www', '网站'],
        },
      },
      { line: 6, name: '0101', fields: {} },
      { line: 7, name: 'web-02', fields: { labels: { a: '1', b: '' }, groups: ['x', 'y'], credential: null } },
    ]);
  });

  it('is function category, application and servers', () => {
    const text = lines(
      'Web:',
      '  www:',
      '    - 10.0.0.1',
      '    - { name: web-02, user: deploy, groups: [canary] }',
      '  api: [10.0.0.1]',
      '  empty:',
      '数据库: [db-1]',
    );
    expect(hostsOf('yaml', text)).toEqual([
      { line: 3, name: '10.0.0.1', fields: { groups: ['Web/www', 'Web/api'] } },
      { line: 4, name: 'web-02', fields: { user: 'deploy', groups: ['Web/www', 'canary'] } },
      { line: 7, name: 'db-1', fields: { groups: ['数据库'] } },
    ]);
  });

  it.each([
    ['- name: a\n  port: x', '1: port:'],
    ['- name: a\n  colour: red', '1: A server has no field colour'],
    ['- name: a\n- name: a\n  user: b', '2: a is already on line 1'],
    ['- [a]', '1: A server is its name'],
    ['- name: {}', '1: name:'],
    ['- name: a\n  labels: [x]', '1: labels'],
    ['- name: a\n  groups: [[x]]', '1: groups'],
    ['web: text', '1: Here belongs a list'],
    ['just text', '1: Here belongs a list'],
    ['- name: a\n  name: b', '2: Map keys must be unique'],
    ['- !!js/function "x"', '1: Unresolved tag'],
    ['- !secret a', '1: Unresolved tag'],
    ['- a\n---\n- b', '2: Source contains multiple documents'],
    ['- {a', '1: '],
    ['a: {b: {c: {d: {e: {f: {g: {h: {i: [x]}}}}}}}}', '1: Here belongs'],
    ['- *nowhere', '1: '],
  ])('refuses %j', (text, problem) => expect(problemsOf('yaml', text)[0]).toContain(problem));

  it('expands aliases, but not without end', () => {
    const shared = '- { name: a, labels: &l { role: db } }\n- { name: b, labels: *l }';
    expect(hostsOf('yaml', shared)[1]?.fields.labels).toEqual({ role: 'db' });
    const laughs = ['- &a0 { name: x }'];
    for (let i = 1; i < 9; i++) laughs.push(`- &a${i} { name: n${i}, groups: [${`*a${i - 1},`.repeat(9)}] }`);
    expect(problemsOf('yaml', laughs.join('\n')).join()).toContain('too many aliases');
  });

  it('knows no keys that reach into objects', () => {
    expect(problemsOf('yaml', '- { name: a, __proto__: { user: eve } }')[0]).toContain('no field __proto__');
    const labels = hostsOf('yaml', '- { name: a, labels: { constructor: x } }')[0]?.fields.labels;
    expect(Object.entries(labels ?? {})).toEqual([['constructor', 'x']]);
  });
});

describe('any file', () => {
  it('is read or refused, never thrown at', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'name',
        ',',
        '\n',
        '"',
        ';',
        'a',
        '- ',
        ': ',
        '{',
        '}',
        '[',
        ']',
        '&a ',
        '*a',
        '!x ',
        '|',
        '\t',
        '%',
      ),
      fc.string({ unit: 'binary', maxLength: 3 }),
    );
    const text = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(fc.constantFrom('csv' as const, 'yaml' as const), text, (format, text) => {
        const { hosts, problems } = parseImport(format, text);
        expect(new Set(hosts.map((host) => host.name)).size).toBe(hosts.length);
        expect(problems.every(({ line }) => Number.isInteger(line))).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('shows a bounded number of problems and takes a bounded number of servers', () => {
    const many = Array.from({ length: 1000 }, (_, i) => `-${i}`).join('\n');
    const problems = problemsOf('csv', `name\n${many}`);
    expect(problems).toHaveLength(limits.problems + 1);
    expect(problems.at(-1)).toBe('0: … and 800 more problems.');
    const tooMany = Array.from({ length: limits.hosts + 1 }, (_, i) => `h${i}`).join('\n');
    expect(problemsOf('csv', `name\n${tooMany}`)).toEqual([
      `1: A file holds at most ${limits.hosts} servers; split it.`,
    ]);
  });

  it('is read beside the event loop and can be given up', async () => {
    const signal = new AbortController().signal;
    expect(await parseInWorker('yaml', '- a', signal)).toEqual(parseImport('yaml', '- a'));
    const controller = new AbortController();
    const slow = parseInWorker('yaml', `${'- { name: a, labels: { x: y } }\n'.repeat(100_000)}`, controller.signal);
    controller.abort();
    await expect(slow).rejects.toMatchObject({ code: 'LIMIT' });
    const nested = await parseInWorker('yaml', '['.repeat(50_000), signal);
    expect(nested.problems.length).toBeGreaterThan(0);
  });
});

describe('ssh_config', () => {
  const read = (text: string) => parseImport('ssh_config', text);

  it('gives a server for each alias without wildcards; the first value that fits wins', () => {
    const { hosts, problems } = read(
      [
        'User ada',
        'Host web-01 web-02 # a comment',
        '  HostName 10.0.0.%h',
        '  Port=2222',
        'Host "db-01" !db-02',
        '\tHostname db.example.com',
        '  ProxyJump bastion',
        'Match host web-*',
        '  Port 1',
        'Host web-* !web-02',
        '  Port 23',
        '  IdentityFile ~/.ssh/id',
        'Host *',
        '  User root',
        '  Port 24',
      ].join('\n'),
    );
    expect(hosts.slice(0, 2)).toMatchObject([
      { line: 2, name: 'web-01', fields: { address: '10.0.0.web-01', port: 2222, user: 'ada' } },
      { line: 2, name: 'web-02', fields: { port: 2222 } },
    ]);
    expect(hosts.at(-1)).toMatchObject({ name: 'db-01', fields: { address: 'db.example.com', port: 24, user: 'ada' } });
    expect(hosts).toHaveLength(3);
    expect(problems).toEqual([]);
  });

  it('says what cannot be a server, and that there is none', () => {
    expect(read('\nHost a b;c\n').problems).toMatchObject([{ line: 2 }, { line: 2 }]);
    expect(read('Host *\n  Port 22').problems[0]?.message).toContain('no Host line');
    expect(read(`Host ${'*a'.repeat(2000)} x`).hosts).toMatchObject([{ name: 'x', fields: { address: 'x' } }]);
  });
});
