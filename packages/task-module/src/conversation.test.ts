import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ConversationInput, createConversation, type Step } from './conversation.ts';
import { createMarks } from './marks.ts';

const marks = createMarks();
const script = new TextEncoder().encode('the script');
const bytes = (text: string) => new TextEncoder().encode(text);
const written = (step: Step) => step.write.map((part) => new TextDecoder().decode(part));
const talk = (mode: ConversationInput['mode'], password?: string) =>
  createConversation({ marks, script, mode, ...(password === undefined ? {} : { password }) });
const started = bytes(`${marks.nonce} start 12 boot 34\n`);

describe('createConversation', () => {
  it('sends a script without secrets at once', () => {
    const plain = talk('at_once');
    expect(written(plain.start())).toEqual(['the script']);
    expect(plain.onStderr(started).events).toHaveLength(1);
    expect(new TextDecoder().decode(plain.onStdout(bytes('out')).stdout)).toBe('out');
    expect(plain.onClose(0).failed).toBeUndefined();
  });

  it('sends one with secrets only after the ready mark, and hides what a profile printed before', () => {
    const careful = talk('ready');
    expect(written(careful.start())).toEqual([]);
    expect(written(careful.onStdout(bytes(`motd\n${marks.ready.slice(0, 9)}`)))).toEqual([]);
    const step = careful.onStdout(bytes(`${marks.ready.slice(9)}\nfirst`));
    expect(written(step)).toEqual(['the script']);
    expect(new TextDecoder().decode(step.stdout)).toBe('first');
  });

  it('gives sudo the password once, and the script only to the root side', () => {
    const sudo = talk('sudo', 'hunter2');
    expect(written(sudo.start())).toEqual([]);
    expect(written(sudo.onStderr(bytes('We trust you have received the usual lecture.\n')))).toEqual([]);
    expect(written(sudo.onStderr(bytes(marks.prompt)))).toEqual(['hunter2\n']);
    expect(written(sudo.onStdout(bytes(`${marks.ready}\n`)))).toEqual(['the script']);
    const step = sudo.onStderr(Buffer.concat([started, bytes(`a body that prints ${marks.prompt}`)]));
    expect(written(step)).toEqual([]);
  });

  it('never gives the password where none is asked', () => {
    const sudo = talk('sudo', 'hunter2');
    expect(written(sudo.onStdout(bytes(`${marks.ready}\n`)))).toEqual(['the script']);
  });

  it('ends when the password is wrong, and sends no script', () => {
    const sudo = talk('sudo', 'wrong');
    sudo.onStderr(bytes(marks.prompt));
    const step = sudo.onStderr(bytes(`Sorry, try again.\n${marks.prompt}`));
    expect(step).toMatchObject({ endInput: true, write: [], failed: { code: 'sudo_password_wrong' } });
    expect(sudo.onStdout(bytes(`${marks.ready}\n`)).write).toEqual([]);
    expect(sudo.onClose(1).failed?.code).toBe('sudo_password_wrong');
  });

  it('ends when a password is asked and there is none', () => {
    expect(talk('sudo').onStderr(bytes(marks.prompt))).toMatchObject({
      endInput: true,
      failed: { code: 'sudo_password_needed' },
    });
  });

  it.each([
    ['sudo: sorry, you must have a tty to run sudo\n', 1, 'sudo_tty_required'],
    ['sudo: a terminal is required to read the password\n', 1, 'sudo_refused'],
    ['joe is not in the sudoers file.\n', 1, 'sudo_refused'],
    ['bash: exec: sudo: not found\n', 127, 'sudo_missing'],
  ])('explains sudo that said %j', (said, exitCode, code) => {
    const sudo = talk('sudo', 'x');
    sudo.onStderr(bytes(said));
    expect(sudo.onClose(exitCode).failed?.code).toBe(code);
  });

  it('quotes a login shell that refused', () => {
    const careful = talk('ready');
    careful.onStdout(bytes('This account is currently not available.\n'));
    expect(careful.onClose(1).failed).toEqual({
      code: 'not_ready',
      message: 'the login shell of the host did not start the wrapper: This account is currently not available.',
    });
  });

  it('knows that all has arrived once both streams say so, however they are cut, and shows nothing of it', () => {
    const out = `first\n${marks.nonce.slice(0, 5)} is no end\nlast${marks.nonce} end\n`;
    const err = `oops${marks.nonce} end 7\n`;
    const cuts = (text: string) =>
      fc.array(fc.nat(text.length), { maxLength: 4 }).map((at) => {
        const places = [0, ...at.sort((a, b) => a - b), text.length];
        return places.slice(1).map((to, i) => text.slice(places[i], to));
      });
    fc.assert(
      fc.property(cuts(out), cuts(err), fc.boolean(), (outs, errs, outFirst) => {
        const kept = createConversation({ marks, script, mode: 'at_once', keepTail: true });
        kept.onStderr(started);
        const feeds = [
          () => outs.map((text) => kept.onStdout(bytes(text))),
          () => errs.map((text) => kept.onStderr(bytes(text))),
        ];
        const steps = (outFirst ? feeds : feeds.reverse()).flatMap((feed) => feed());
        const text = (stream: 'stdout' | 'stderr') => Buffer.concat(steps.map((step) => step[stream])).toString();
        expect(text('stdout')).toBe(out.replace(`${marks.nonce} end\n`, ''));
        expect(text('stderr')).toBe('oops');
        const last = steps.findLast((step) => step.over);
        expect(last?.over).toEqual({ exitCode: 7 });
        expect(steps.indexOf(last ?? steps[0] ?? kept.start())).toBeGreaterThanOrEqual(
          Math.min(outs.length, errs.length),
        );
      }),
    );
    // Without a tail there is no such line, and stdout is not looked at.
    const plain = talk('at_once');
    plain.onStderr(started);
    expect(Buffer.from(plain.onStdout(bytes(`${marks.nonce} end\n`)).stdout).toString()).toBe(`${marks.nonce} end\n`);
  });

  it('tells the exit codes of the wrapper from those of a body', () => {
    expect(talk('at_once').onClose(97).failed?.code).toBe('script_incomplete');
    expect(talk('at_once').onClose(96).failed?.code).toBe('no_folder');
    expect(talk('at_once').onClose(undefined).failed?.code).toBe('not_ready');
    for (const code of [96, 97, 127]) {
      const body = talk('at_once');
      body.onStderr(started);
      expect(body.onClose(code).failed).toBeUndefined();
    }
  });

  it('whatever arrives, it writes the password at most once and only after the prompt, the script only after the ready mark', () => {
    const event = fc.record({
      stream: fc.constantFrom('stdout' as const, 'stderr' as const),
      text: fc.oneof(
        fc.constantFrom(marks.ready, `${marks.ready}\n`, marks.prompt, marks.prompt.slice(0, 5), marks.mark, '\n'),
        fc.string({ maxLength: 6 }),
      ),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 20 }), (events) => {
        const sudo = talk('sudo', 'hunter2');
        const seen = { stdout: '', stderr: '' };
        const sent = written(sudo.start());
        for (const { stream, text } of events) {
          seen[stream] += text;
          const step = stream === 'stdout' ? sudo.onStdout(bytes(text)) : sudo.onStderr(bytes(text));
          for (const word of written(step)) {
            sent.push(word);
            if (word === 'the script') expect(seen.stdout).toContain(`${marks.ready}\n`);
            else expect(seen.stderr).toContain(marks.prompt);
          }
        }
        expect(sent.filter((word) => word === 'hunter2\n').length).toBeLessThanOrEqual(1);
        expect(sent.filter((word) => word === 'the script').length).toBeLessThanOrEqual(1);
      }),
    );
  });
});
