import { type HostTree, isProduction } from '@omanager/contract';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { type KeyboardEvent, useRef, useState } from 'react';
import { useTexts } from '../../i18n/useTexts.ts';
import { safeText } from '../../ui/safeText.ts';
import css from './ServerTree.module.css';
import { serverTexts } from './texts.ts';
import { buildTree, type TreeNode, visibleNodes } from './tree.ts';

interface Props {
  tree: HostTree;
  groups: readonly string[];
  environment: string | null;
  group: string | null;
  onPick: (environment: string | null, group: string | null) => void;
}

/** Everything, environments, categories: one line has the focus, arrows move it. */
export function ServerTree({ tree, groups, environment, group, onPick }: Props) {
  const t = useTexts(serverTexts);
  const root = useRef<HTMLDivElement>(null);
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const production = tree.environments.find(({ name }) => isProduction(name)) ?? tree.environments[0];
  // Open at first: everything, and the environment that matters most.
  const isOpen = (key: string) =>
    opened.has(key) || (!closed.has(key) && (key === '' || key === `env:${production?.name}`));
  const nodes = visibleNodes(buildTree(tree, groups), isOpen);
  const isCurrent = (node: TreeNode) => node.environment === environment && node.group === group;
  const current = Math.max(0, nodes.findIndex(isCurrent));
  const [focused, setFocused] = useState<string | null>(null);
  const focusedAt = nodes.findIndex(({ key }) => key === focused);
  const stop = focusedAt >= 0 ? focusedAt : current;

  function open(key: string, wanted: boolean): void {
    setOpened((keys) => changed(keys, key, wanted));
    setClosed((keys) => changed(keys, key, !wanted));
  }

  function focus(at: number): void {
    const node = nodes[Math.min(nodes.length - 1, Math.max(0, at))];
    if (!node) return;
    setFocused(node.key);
    const line = root.current?.querySelector(`[data-key="${CSS.escape(node.key)}"]`);
    if (line instanceof HTMLElement) line.focus();
  }

  function onKeyDown(event: KeyboardEvent, node: TreeNode, at: number): void {
    const parent = nodes.findLastIndex((other, i) => i < at && other.level < node.level);
    const steps: Record<string, () => void> = {
      ArrowDown: () => focus(at + 1),
      ArrowUp: () => focus(at - 1),
      Home: () => focus(0),
      End: () => focus(nodes.length - 1),
      ArrowRight: () => (node.children.length > 0 && !isOpen(node.key) ? open(node.key, true) : focus(at + 1)),
      ArrowLeft: () => (node.children.length > 0 && isOpen(node.key) ? open(node.key, false) : focus(parent)),
      Enter: () => onPick(node.environment, node.group),
      ' ': () => onPick(node.environment, node.group),
    };
    const step = steps[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    step();
  }

  return (
    <div ref={root} className={css.tree} role="tree" aria-label={t('categories')}>
      {nodes.map((node, at) => (
        <div
          key={node.key}
          data-key={node.key}
          className={css.node}
          role="treeitem"
          aria-level={node.level}
          aria-selected={isCurrent(node)}
          aria-expanded={node.children.length > 0 ? isOpen(node.key) : undefined}
          tabIndex={at === stop ? 0 : -1}
          data-level={Math.min(node.level, 6)}
          onFocus={() => setFocused(node.key)}
          onClick={() => onPick(node.environment, node.group)}
          onKeyDown={(event) => onKeyDown(event, node, at)}
        >
          <Fold node={node} open={isOpen(node.key)} onFold={() => open(node.key, !isOpen(node.key))} />
          {node.level === 2 && node.group === null && node.name !== null && (
            <span className={css.edge} data-production={isProduction(node.name) || undefined} />
          )}
          <span className={css.name}>{node.name === null ? t('allServers') : safeText(node.name)}</span>
          <span className={css.hosts}>{node.hosts.toLocaleString()}</span>
        </div>
      ))}
    </div>
  );
}

function Fold({ node, open, onFold }: { node: TreeNode; open: boolean; onFold: () => void }) {
  const Arrow = open ? IconChevronDown : IconChevronRight;
  if (node.children.length === 0) return <span className={css.fold} />;
  return (
    // biome-ignore lint/a11y: for the mouse; the keyboard folds with left and right
    <span
      className={css.fold}
      onClick={(event) => {
        event.stopPropagation();
        onFold();
      }}
    >
      <Arrow size={12} stroke={1.5} aria-hidden="true" />
    </span>
  );
}

function changed(keys: ReadonlySet<string>, key: string, wanted: boolean): ReadonlySet<string> {
  const next = new Set(keys);
  if (wanted) next.add(key);
  else next.delete(key);
  return next;
}
