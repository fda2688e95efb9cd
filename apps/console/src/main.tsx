import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './ui/ui.css';
import './frame/frame.css';
import { App } from './app.js';
import { applyPreferences } from './ui/preferences.js';

applyPreferences();
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
