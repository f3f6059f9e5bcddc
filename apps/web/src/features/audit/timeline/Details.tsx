import type { ActionEvent, CommandEvent } from '@omanager/contract';
import { useLocation } from 'wouter';
import { CommandDetails } from '../commands/CommandDetails.tsx';
import { commandsAddress } from '../commands/commandQuery.ts';
import { EventDetails } from '../EventDetails.tsx';
import { readQuery, writeQuery } from '../eventQuery.ts';
import type { TimelineRow } from './timelineRows.ts';

/** All that is recorded of one line that has no page of its own. */
export function Details({ row, onChanged, onClose }: { row: TimelineRow; onChanged: () => void; onClose: () => void }) {
  const [, navigate] = useLocation();
  const ofCommand = (event: CommandEvent) => (
    <CommandDetails
      event={event}
      onQuery={(query) => navigate(commandsAddress(query))}
      onErased={() => {
        onClose();
        onChanged();
      }}
    />
  );
  const ofAction = (event: ActionEvent) => (
    <EventDetails
      event={event}
      onOnly={(part) => navigate(`/audit?${writeQuery({ ...readQuery(new URLSearchParams()), ...part })}`)}
    />
  );
  switch (row.kind) {
    case 'command':
    case 'gap':
      return ofCommand(row.command);
    case 'action':
      return ofAction(row.action);
    case 'alert':
    case 'day':
    case 'run':
    case 'session':
      return null;
  }
}
