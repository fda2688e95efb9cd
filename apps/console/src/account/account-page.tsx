import { Page, useWorker } from '../ui/index.js';
import { ApiKeys } from './api-keys.js';
import { Appearance } from './appearance.js';
import { Alarms } from './alarm-choices.js';
import { Logins } from './logins.js';
import { PasswordForm } from './password-form.js';
import './account.css';

/** What a person sets for themselves. */
export default function AccountPage() {
  const { email, role } = useWorker();
  return (
    <Page title="Account" about={`${email}, ${role}`}>
      <div className="account-grid">
        <Appearance />
        <Alarms />
        <PasswordForm />
        <ApiKeys />
        <Logins />
      </div>
    </Page>
  );
}
