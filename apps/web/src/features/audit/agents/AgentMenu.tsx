import { Button, Menu } from '@mantine/core';
import { Link } from 'wouter';
import { useTexts } from '../../../i18n/useTexts.ts';
import { safeText } from '../../../ui/safeText.ts';
import { agentTexts } from './texts.ts';

const modules = ['status', 'install', 'remove'] as const;

/** What can be run for the agent of one server: the composer is filled in, nothing starts. */
export function AgentMenu({ host }: { host: string }) {
  const t = useTexts(agentTexts);
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button size="xs" aria-label={t('actsOf', { name: safeText(host) })}>
          {t('acts')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {modules.map((name) => (
          <Menu.Item key={name} component={Link} href={`/run?module=audit.${name}&hosts=${encodeURIComponent(host)}`}>
            {t(`run_${name}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
