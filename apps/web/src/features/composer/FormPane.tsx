import { Button } from '@mantine/core';
import { IconBraces, IconCheck, IconForms, IconLink } from '@tabler/icons-react';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useSession } from '../../data/session.tsx';
import { problemsOf } from '../../forms/params.ts';
import { FormServers } from '../../forms/useOptions.ts';
import { useLanguage, useTexts, useTitle } from '../../i18n/useTexts.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import layout from '../../ui/layout.module.css';
import { RiskChip } from '../../ui/RiskChip.tsx';
import { safeText } from '../../ui/safeText.ts';
import { uiTexts } from '../../ui/texts.ts';
import css from './Composer.module.css';
import { changeDraft } from './draft.ts';
import { FillFromLast } from './FillFromLast.tsx';
import { linkFor } from './link.ts';
import { RawParams } from './RawParams.tsx';
import { composerTexts } from './texts.ts';
import type { Composed } from './useCompose.ts';

// These come with the first module that is chosen: their fields are heavy for the first screen of all.
const ParamForm = lazy(async () => ({ default: (await import('../../forms/ParamForm.tsx')).ParamForm }));
const SpreadForm = lazy(async () => ({ default: (await import('./SpreadForm.tsx')).SpreadForm }));

const icon = { size: 16, stroke: 1.5, 'aria-hidden': true } as const;

/** The form of the module, and how the run spreads. */
export function FormPane({ composed }: { composed: Composed }) {
  const t = useTexts(composerTexts);
  const title = useTitle();
  const language = useLanguage();
  const { server } = useSession();
  const [raw, setRaw] = useState(false);
  const base = window.omanager === undefined ? location.origin : `omanager://${server.address}`;
  const { draft, detail, module, fields, values, selector, planned, problems, fill } = composed;
  return (
    <section className={`${layout.column} ${layout.grow} ${css.formColumn}`} aria-label={t('steps')}>
      {detail.error && draft.module !== null && (
        <ErrorNote error={detail.error} onRetry={() => void detail.refetch()} />
      )}
      {draft.module === null && <EmptyState title={t('pickModule')}>{t('pickModuleWhy')}</EmptyState>}
      {module && (
        <>
          <div className={layout.bar}>
            <h2 className={layout.cut}>{safeText(title(module.title))}</h2>
            {module.legacyId !== null && <span className={`${layout.mono} ${css.legacy}`}>#{module.legacyId}</span>}
            <RiskChip risk={module.risk} />
            <span className={`${layout.push} ${css.tools}`}>
              {fields && fields.length > 0 && (
                <Button
                  {...{ variant: 'subtle', size: 'compact-sm', 'aria-label': t(raw ? 'asForm' : 'rawLabel') }}
                  leftSection={raw ? <IconForms {...icon} /> : <IconBraces {...icon} />}
                  onClick={() => {
                    setRaw(!raw);
                    changeDraft({ noForm: false });
                  }}
                >
                  {raw ? t('stepForm') : 'JSON'}
                </Button>
              )}
              {fields && <CopyLink link={() => linkFor(base, { module: module.id, selector, fields, values })} />}
            </span>
          </div>
          <div className={layout.scroll}>
            {fields && fields.length > 0 && <FillFromLast {...{ module, fields, values }} onFill={fill} />}
            <Suspense fallback={null}>
              <FormServers value={selector}>
                {raw && fields ? (
                  <RawParams
                    key={module.id}
                    {...{ fields, values, problems }}
                    onChange={(next) => (next === null ? changeDraft({ noForm: true }) : fill(next))}
                  />
                ) : (
                  <ParamForm
                    key={module.id}
                    schema={module.params}
                    value={values}
                    onChange={fill}
                    errors={problemsOf(planned.error?.details, language)}
                    problems={problems}
                    tries={draft.tries}
                  />
                )}
              </FormServers>
              <SpreadForm spread={draft.spread} onChange={(spread) => changeDraft({ spread })} />
            </Suspense>
          </div>
        </>
      )}
    </section>
  );
}

/** The address that fills in the same; it holds no secret. */
function CopyLink({ link }: { link: () => string }) {
  const t = useTexts(composerTexts);
  const tUi = useTexts(uiTexts);
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <Button
      {...{ variant: 'subtle', size: 'compact-sm', title: t('copyLinkWhy'), 'aria-label': t('copyLink') }}
      leftSection={copied ? <IconCheck {...icon} /> : <IconLink {...icon} />}
      onClick={() => {
        navigator.clipboard?.writeText(link()).then(
          () => setCopied(true),
          () => setCopied(false),
        );
      }}
    >
      {copied ? tUi('copied') : t('copyLink')}
    </Button>
  );
}
