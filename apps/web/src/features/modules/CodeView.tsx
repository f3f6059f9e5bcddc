import { safeLines } from '../../ui/safeText.ts';
import css from './Code.module.css';

/** A text to be read, with line numbers that are not copied with it. */
export function CodeView({ text, label }: { text: string; label: string }) {
  const shown = safeLines(text.replace(/\n$/, ''));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled by keyboard
    <section className={css.view} tabIndex={0} aria-label={label}>
      <pre className={css.numbers} aria-hidden="true">
        {shown
          .split('\n')
          .map((_, i) => i + 1)
          .join('\n')}
      </pre>
      <pre className={css.text} lang="">
        {shown}
      </pre>
    </section>
  );
}
