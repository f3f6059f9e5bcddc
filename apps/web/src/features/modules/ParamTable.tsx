import { useLanguage, useTexts } from '../../i18n/useTexts.ts';
import layout from '../../ui/layout.module.css';
import { safeText } from '../../ui/safeText.ts';
import css from './Detail.module.css';
import { inLanguage, paramsOf, type ShownParam, typeOf, whenOf } from './params.ts';
import { moduleTexts } from './texts.ts';

/** The params of a module as a table: what the form asks for, and what the script sees. */
export function ParamTable({ schema }: { schema: unknown }) {
  const t = useTexts(moduleTexts);
  const language = useLanguage();
  const params = paramsOf(schema);
  if (params.length === 0) return <p className={layout.muted}>{t('noParams')}</p>;
  return (
    <div className={css.wrap}>
      <table className={css.table}>
        <thead>
          <tr>
            <th scope="col">{t('param')}</th>
            <th scope="col">{t('type')}</th>
            <th scope="col">{t('defaultValue')}</th>
            <th scope="col">{t('meaning')}</th>
          </tr>
        </thead>
        <tbody>
          {params.map((param) => (
            <tr key={param.name}>
              <td className={`${layout.mono} ${css.narrow}`}>{safeText(param.name)}</td>
              <td className={`${layout.mono} ${css.wide}`}>{safeText(typeOf(param))}</td>
              <td className={`${layout.mono} ${css.wide}`}>
                {param.required && param.default === undefined ? (
                  <span className={layout.muted}>{t('required')}</span>
                ) : (
                  safeText(shown(param.default))
                )}
              </td>
              <td className={css.wide}>
                {safeText(meaning(param, language))}
                {param['x-when'] && (
                  <span className={layout.muted}> · {t('onlyIf', { when: safeText(whenOf(param)) })}</span>
                )}
                <Offered param={param} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Offered({ param }: { param: ShownParam }) {
  const t = useTexts(moduleTexts);
  const options = param['x-options'];
  if (!options) return null;
  const words = options.module
    ? t('optionsModule', { module: safeText(options.module) })
    : t('optionsFrom', { from: safeText(options.from ?? '') });
  return <span className={layout.muted}> · {words}</span>;
}

function meaning(param: ShownParam, language: 'en' | 'zh'): string {
  return [inLanguage(param.title, language), inLanguage(param.description, language)].filter(Boolean).join(' — ');
}

function shown(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
