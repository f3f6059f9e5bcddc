import type { ActivityShare } from '@omanager/contract';
import { Link } from 'wouter';
import { useTexts } from '../../../i18n/useTexts.ts';
import { safeText } from '../../../ui/safeText.ts';
import css from './Activity.module.css';
import { outsidePercent } from './share.ts';
import { activityTexts } from './texts.ts';

interface Props {
  title: string;
  shares: readonly ActivityShare[];
  hrefOf: (name: string) => string;
}

/** Where, or whose, most commands were, and how much of it was outside OManager. */
export function Shares({ title, shares, hrefOf }: Props) {
  const t = useTexts(activityTexts);
  const most = Math.max(1, ...shares.map(({ inside, outside }) => inside + outside));
  if (shares.length === 0) return null;
  return (
    <section className={css.shares}>
      <h2>{title}</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('name')}</th>
            <th scope="col">{t('commands')}</th>
            <th scope="col">{t('outside')}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {shares.map(({ name, inside, outside }) => (
            <tr key={name}>
              <th scope="row">
                <Link href={hrefOf(name)}>{safeText(name)}</Link>
              </th>
              <td>{(inside + outside).toLocaleString()}</td>
              <td>{outsidePercent({ inside, outside })} %</td>
              <td>
                <svg viewBox="0 0 100 8" preserveAspectRatio="none" height={8} aria-hidden="true">
                  <rect data-part="inside" x={0} y={0} width={(100 * inside) / most} height={8} />
                  <rect data-part="outside" x={(100 * inside) / most} y={0} width={(100 * outside) / most} height={8} />
                </svg>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
