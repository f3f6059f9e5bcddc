import type { ActionEvent, Alert, CommandEvent } from '@omanager/contract';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { Acknowledge } from '../alerts/Acknowledge.tsx';
import { AlertDetails } from '../alerts/AlertDetails.tsx';
import type { AlertQuery } from '../alerts/alertRows.ts';
import { CommandDetails } from '../commands/CommandDetails.tsx';
import { commandsAddress } from '../commands/commandQuery.ts';
import { EventDetails } from '../EventDetails.tsx';
import { readQuery, writeQuery } from '../eventQuery.ts';
import type { TimelineRow } from './timelineRows.ts';

/** All that is recorded of one line that has no page of its own. */
export function Details({ row, onChanged, onClose }: { row: TimelineRow; onChanged: () => void; onClose: () => void }) {
  const [, navigate] = useLocation();
  const done = () => {
    onClose();
    onChanged();
  };
  const ofCommand = (event: CommandEvent) => (
    <CommandDetails event={event} onQuery={(query) => navigate(commandsAddress(query))} onErased={done} />
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
      return <OfAlert alert={row.alert} onChanged={done} />;
    case 'day':
    case 'run':
    case 'session':
      return null;
  }
}

function OfAlert({ alert, onChanged }: { alert: Alert; onChanged: () => void }) {
  const [, navigate] = useLocation();
  const [asked, setAsked] = useState(false);
  return (
    <>
      <AlertDetails
        alert={alert}
        onOnly={(part) => navigate(`/audit/alerts?${alertSearch(part)}`)}
        onAcknowledge={() => setAsked(true)}
      />
      {asked && <Acknowledge alerts={[alert]} onDone={onChanged} onClose={() => setAsked(false)} />}
    </>
  );
}

function alertSearch({ rule, user, host }: Partial<AlertQuery>): URLSearchParams {
  const given = Object.entries({ rule, user, host }).flatMap(([name, value]) => (value ? [[name, value]] : []));
  return new URLSearchParams([['all', 'yes'], ...given]);
}
