import './noEval.ts';
import '@mantine/core/styles.css';
import './styles/tokens.css';
import './styles/mantine.css';
import './styles/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App.tsx';
import { pageNonce } from './app/nonce.ts';
import { createBrowserPort } from './session/browserPort.ts';

// Where the component library's scroll lock looks for the nonce of its style element.
Object.assign(globalThis, { __webpack_nonce__: pageNonce() });
const desktop = window.omanager ? await (await import('./app/desktop.ts')).startOnDesktop(window.omanager) : null;
const port = desktop?.port ?? createBrowserPort();
const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App port={port} desktop={desktop} />
    </StrictMode>,
  );
}
if (import.meta.env.PROD && !desktop) navigator.serviceWorker?.register('/sw.js').catch(() => {});
