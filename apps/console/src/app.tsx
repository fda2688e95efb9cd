import { Suspense } from 'react';
import { Route, Router, Switch } from 'wouter';
import { DeskProvider } from '@deskwire/client/react';
import { basePath, desk } from './desk-client.js';
import { Frame } from './frame/frame.js';
import { PageBoundary } from './frame/page-boundary.js';
import { WorkerGate } from './frame/worker-gate.js';
import { ROUTES } from './routes.js';
import { ConfirmProvider } from './ui/confirm.js';
import { Empty, Page, useCan } from './ui/index.js';
import type { ConsoleRoute } from './routes.js';
import { ToastProvider } from './ui/toast.js';

export function App() {
  return (
    <DeskProvider desk={desk}>
      <Router base={basePath}>
        <ToastProvider>
          <WorkerGate>
            <ConfirmProvider>
              <Frame>
                <Switch>
                  {ROUTES.map((route) => (
                    <Route key={route.name} path={route.path === '/' ? '/' : `${route.path}/*?`}>
                      <PageBoundary title={route.title}>
                        <Suspense fallback={<p className="table-busy">Loading…</p>}>
                          <RoutedPage route={route} />
                        </Suspense>
                      </PageBoundary>
                    </Route>
                  ))}
                  <Route>
                    <Page title="Not found">
                      <Empty title="There is no such page." next="Choose a page from the navigation." />
                    </Page>
                  </Route>
                </Switch>
              </Frame>
            </ConfirmProvider>
          </WorkerGate>
        </ToastProvider>
      </Router>
    </DeskProvider>
  );
}

function RoutedPage({ route: { title, role, page: Content } }: { route: ConsoleRoute }) {
  const allowed = useCan(role);
  if (allowed) return <Content />;
  return (
    <Page title={title}>
      <Empty title={`Only an ${role} may see this page.`} next="Ask an admin of the desk for the role." />
    </Page>
  );
}
