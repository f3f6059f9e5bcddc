import { Menu } from '@mantine/core';
import type { ModuleSummary } from '@omanager/contract';
import { IconChevronDown } from '@tabler/icons-react';
import { useMemo } from 'react';
import { useLocation } from 'wouter';
import { useAnswer } from '../data/calls.ts';
import { useTexts, useTitle } from '../i18n/useTexts.ts';
import { safeText } from '../ui/safeText.ts';
import css from './FunctionsMenu.module.css';
import { appTexts } from './texts.ts';

/** In the classic layout: the modules by family, as the menu of 2014 had them. Choosing one fills in a run. */
export default function FunctionsMenu() {
  const t = useTexts(appTexts);
  const title = useTitle();
  const [, navigate] = useLocation();
  const { data } = useAnswer('modules.list', {});
  const families = useMemo(() => byFamily(data?.items ?? []), [data]);
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <button type="button" className={css.target}>
          {t('functions')} <IconChevronDown size={14} stroke={1.5} aria-hidden="true" />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {families.map((modules) => {
          const [first] = modules;
          if (!first) return null;
          return (
            <Menu.Sub key={first.family}>
              <Menu.Sub.Target>
                <Menu.Sub.Item>{safeText(title(first.familyTitle))}</Menu.Sub.Item>
              </Menu.Sub.Target>
              <Menu.Sub.Dropdown className={css.modules ?? ''}>
                {modules.map((module) => (
                  <Menu.Item key={module.id} onClick={() => navigate(`/run?module=${encodeURIComponent(module.id)}`)}>
                    {module.legacyId} {safeText(title(module.title))}
                  </Menu.Item>
                ))}
              </Menu.Sub.Dropdown>
            </Menu.Sub>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}

function byFamily(modules: readonly ModuleSummary[]): readonly (readonly ModuleSummary[])[] {
  const families = new Map<string, ModuleSummary[]>();
  for (const module of modules) {
    if (module.retired !== null) continue;
    families.set(module.family, [...(families.get(module.family) ?? []), module]);
  }
  return [...families.values()];
}
