import { Route, Switch } from 'wouter';
import { HostPage } from './HostPage.tsx';
import { ImportPage } from './ImportPage.tsx';
import { ServersPage } from './ServersPage.tsx';
import { ZonesPage } from './ZonesPage.tsx';

export default function Page() {
  return (
    <Switch>
      <Route path="/servers/import" component={ImportPage} />
      <Route path="/servers/zones" component={ZonesPage} />
      <Route path="/servers/host/:name">{({ name }) => <HostPage name={name} />}</Route>
      <Route component={ServersPage} />
    </Switch>
  );
}
