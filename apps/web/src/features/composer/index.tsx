import { useEffect, useMemo, useState } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import { useTab } from '../../app/tabs.ts';
import { useBlock } from '../../data/blocked.ts';
import { useAnswer } from '../../data/calls.ts';
import { useMay, useSession } from '../../data/session.tsx';
import { ParamForm } from '../../forms/ParamForm.tsx';
import {
  defaultsOf,
  fieldsOf,
  inLanguage,
  missingOf,
  problemsOf,
  splitValues,
  type Values,
} from '../../forms/params.ts';
import { FormServers } from '../../forms/useOptions.ts';
import { useLanguage, useTexts, useTitle } from '../../i18n/useTexts.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import layout from '../../ui/layout.module.css';
import { RiskChip } from '../../ui/RiskChip.tsx';
import { safeText } from '../../ui/safeText.ts';
import { countOf, selectorOfSelection } from '../servers/selection.ts';
import css from './Composer.module.css';
import { changeDraft, forgetSecrets, useDraft } from './draft.ts';
import { Gate, useStart } from './Gate.tsx';
import { readLink, selectionOf } from './link.ts';
import { FamilyTabs, ModulePicker } from './ModulePicker.tsx';
import { Review } from './Review.tsx';
import { SpreadForm } from './SpreadForm.tsx';
import { spreadOf } from './spread.ts';
import { TargetPicker } from './TargetPicker.tsx';
import { composerTexts } from './texts.ts';
import { usePlan } from './usePlan.ts';

/** Where a run is put together: servers, module, form, and what would happen. Nothing starts before the button says so. */
export default function Composer() {
  const t = useTexts(composerTexts);
  const title = useTitle();
  const language = useLanguage();
  const may = useMay();
  const [, navigate] = useLocation();
  const draft = useDraft();
  const [family, setFamily] = useState<string | null>(null);
  const [gateOpen, setGateOpen] = useState(false);
  const [changed, setChanged] = useState(false);
  useTab('/run', t('title'));
  useLink();

  const modules = useAnswer('modules.list', {});
  const offered = useMemo(() => modules.data?.items.filter(({ retired }) => retired === null) ?? [], [modules.data]);
  const detail = useAnswer('modules.get', { module: draft.module ?? '' }, { enabled: draft.module !== null });
  // By what was asked and not by its id: the draft of a module has a name of its own.
  const module = draft.module !== null && !detail.isPlaceholderData ? (detail.data ?? null) : null;
  const fields = useMemo(() => (module ? fieldsOf(module.params) : null), [module]);
  const values: Values = (module && draft.values[module.id]) ?? defaultsOf(fields ?? []);
  useEffect(() => () => void (module && fields && forgetSecrets(module.id, fields)), [module, fields]);
  const missing = fields ? missingOf(fields, values) : [];
  const selector = countOf(draft.selection) > 0 ? selectorOfSelection(draft.selection) : null;
  const asked =
    draft.module !== null && module && fields && selector !== null && missing.length === 0
      ? { module: draft.module, selector, ...splitValues(fields, values), ...spreadOf(draft.spread) }
      : null;
  const planned = usePlan(may('run.start') ? asked : null);
  const names = (fields ?? [])
    .filter(({ name }) => missing.includes(name))
    .map((field) => inLanguage(field.title, language) || field.name);
  const waitsFor =
    asked !== null
      ? null
      : module && missing.length > 0
        ? t('fillFirst', { count: missing.length, names: safeText(names.join(', ')) })
        : countOf(draft.selection) > 0 && selector === null
          ? t('tooManyNames')
          : t('reviewEmpty');

  const start = useStart(planned.plan, {
    onStarted: (run) => navigate(`/runs/${run.id}`),
    onChanged: () => {
      setGateOpen(false);
      setChanged(true);
      planned.again();
    },
  });
  const block = useBlock();
  const run = () => {
    if (!planned.plan || !planned.current || asked === null || block !== null) return;
    setChanged(false);
    if (planned.plan.gate.kind === 'none') start.go({});
    else setGateOpen(true);
  };
  useRunKey(run);

  return (
    <>
      <div className={`${layout.bar} ${css.top}`}>
        <FamilyTabs modules={offered} family={family} onFamily={setFamily} />
      </div>
      {draft.fromLink && (
        <p className={css.fromLink} role="status">
          {t('fromLink')}
        </p>
      )}
      <div className={`${layout.columns} ${css.columns}`}>
        <TargetPicker
          selection={draft.selection}
          onSelection={(selection) => changeDraft({ selection, fromLink: false })}
        />
        <ModulePicker
          modules={offered}
          family={family}
          selected={draft.module}
          onSelect={(id) => changeDraft({ module: id, fromLink: false })}
        />
        <section className={`${layout.column} ${layout.grow} ${css.formColumn}`} aria-label={t('steps')}>
          {modules.error && <ErrorNote error={modules.error} onRetry={() => void modules.refetch()} />}
          {detail.error && draft.module !== null && (
            <ErrorNote error={detail.error} onRetry={() => void detail.refetch()} />
          )}
          {draft.module === null && <EmptyState title={t('pickModule')}>{t('pickModuleWhy')}</EmptyState>}
          {module && (
            <>
              <div className={layout.bar}>
                <h2>{safeText(title(module.title))}</h2>
                {module.legacyId !== null && <span className={layout.mono}>#{module.legacyId}</span>}
                <RiskChip risk={module.risk} />
              </div>
              <div className={layout.scroll}>
                <FormServers value={selector}>
                  <ParamForm
                    key={module.id}
                    schema={module.params}
                    value={values}
                    onChange={(next) => changeDraft({ values: { ...draft.values, [module.id]: next } })}
                    errors={problemsOf(planned.error?.details, language)}
                  />
                </FormServers>
                <SpreadForm spread={draft.spread} onChange={(spread) => changeDraft({ spread })} />
              </div>
            </>
          )}
        </section>
        <Review
          state={planned}
          waitsFor={waitsFor}
          mayRun={may('run.start')}
          busy={start.busy}
          onRun={run}
          startError={
            <>
              {changed && <p className={css.warning}>{t('planChanged')}</p>}
              {start.error && !gateOpen && <ErrorNote error={start.error} />}
            </>
          }
        />
      </div>
      {gateOpen && planned.plan && (
        <Gate
          key={planned.plan.id}
          plan={planned.plan}
          onStarted={(started) => navigate(`/runs/${started.id}`)}
          onClose={() => setGateOpen(false)}
          onChanged={() => {
            setGateOpen(false);
            setChanged(true);
            planned.again();
          }}
        />
      )}
    </>
  );
}

/** Fills in what the address asks for, once, and takes it out of the address. */
function useLink(): void {
  const { client } = useSession();
  const [search, setSearch] = useSearchParams();
  const { module, selector } = readLink(search);
  useEffect(() => {
    if (module === null && selector === null) return;
    const stop = new AbortController();
    // The draft of a module that somebody is writing is asked for by that name; all others by their id.
    const known = async (name: string) => {
      const { id } = await client.call('modules.get', { module: name }, { signal: stop.signal });
      return name.startsWith('draft:') ? name : id;
    };
    const fill = async () => {
      const total =
        selector === null ? 0 : (await client.call('hosts.count', { selector }, { signal: stop.signal })).total;
      changeDraft({
        fromLink: true,
        ...(module === null ? {} : { module: await known(module) }),
        ...(selector === null ? {} : { selection: selectionOf(selector, total) }),
      });
      setSearch(new URLSearchParams(), { replace: true });
    };
    // A link that names nothing known fills in nothing.
    fill().catch(() => {});
    return () => stop.abort();
  }, [client, module, selector, setSearch]);
}

/** Ctrl+Enter asks to run: it opens the gate, and never passes it. */
function useRunKey(run: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.isComposing || event.repeat || document.querySelector('[role="dialog"]')) return;
      const asks = event.key === 'Enter' && (event.ctrlKey || event.metaKey);
      if (!asks) return;
      event.preventDefault();
      run();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  });
}
