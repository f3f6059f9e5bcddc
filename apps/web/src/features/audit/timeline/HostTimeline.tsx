import { Timeline } from './Timeline.tsx';

/** All that happened on one server. */
export default function HostTimeline({ name }: { name: string }) {
  return <Timeline of="host" name={name} />;
}
