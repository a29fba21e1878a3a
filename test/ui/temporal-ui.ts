import type { Locator, Page } from 'playwright-core';

/** The tabs of a workflow's page, by their test ids. */
export type WorkflowTab = 'history' | 'pending-activities' | 'user-metadata' | 'search-attributes';

/** The pages of the Temporal Web UI (2.42.1) as a person uses them, in one tab of a browser. */
export class TemporalUi {
  readonly #namespaceUrl: string;

  constructor(
    readonly page: Page,
    uiUrl: string,
    namespace: string,
  ) {
    this.#namespaceUrl = `${uiUrl}/namespaces/${namespace}`;
  }

  /** Fills the Start Workflow form and follows the link to what was started; `input` is what a person types: JSON. */
  async startRoom(workflowId: string, input: string): Promise<void> {
    const { page } = this;
    await page.goto(`${this.#namespaceUrl}/workflows/start-workflow`);
    await page.getByTestId('workflowId').fill(workflowId);
    await page.getByTestId('taskQueue').fill('barrage');
    await page.getByTestId('workflowType').fill('room');
    const editor = page.locator('[contenteditable="true"][data-language="json"]');
    await editor.fill(input);
    await editor.blur(); // it lays the text out anew, and moves the button
    await page.getByTestId('start-workflow-button').click();
    await page.getByText('Workflow started successfully').click();
    await page.waitForURL(/\/history/);
  }

  /** Opens a workflow's latest run. */
  async openWorkflow(workflowId: string, tab: WorkflowTab = 'history'): Promise<void> {
    await this.page.goto(`${this.#namespaceUrl}/workflows/${encodeURIComponent(workflowId)}`);
    await this.page.waitForURL(/\/history/);
    if (tab !== 'history') await this.openTab(tab);
  }

  async openTab(tab: WorkflowTab): Promise<void> {
    await this.page.getByTestId(`${tab}-tab`).click();
    await this.page.waitForURL(new RegExp(`/${tab}`));
  }

  /** The Markdown that the workflow keeps of itself, as rendered. */
  get currentDetails(): Locator {
    return this.page.frameLocator('iframe[title="output"]').locator('body');
  }

  get main(): Locator {
    return this.page.locator('#content');
  }

  /** Input and result of the workflow, side by side. */
  get result(): Locator {
    return this.page.getByTestId('input-and-result');
  }

  /** The rows of the history that say that an activity is done. */
  get completedActivities(): Locator {
    return this.page.getByTestId('event-summary-row').filter({ hasText: 'Activity Task Completed' });
  }

  /** The workflow ids that the list shows for a query, as typed into its filter. */
  async list(query: string): Promise<string[]> {
    await this.page.goto(`${this.#namespaceUrl}/workflows?query=${encodeURIComponent(query)}`);
    await this.page.getByTestId('workflow-count').waitFor();
    const rows = this.page.getByTestId('workflows-summary-configurable-table-row');
    const names = await rows.getByRole('link').allInnerTexts();
    return names.map((name) => name.trim()).filter((name) => name.startsWith('room:'));
  }

  /** Presses a button and the one that the question after it has. */
  async press(name: string, reason?: string): Promise<void> {
    await this.page.getByRole('button', { name, exact: true }).click();
    await this.confirm(reason);
  }

  /** Answers the question that is open. */
  async confirm(reason?: string): Promise<void> {
    const question = this.page.locator('dialog[open]');
    if (reason !== undefined) await question.getByRole('textbox').first().fill(reason);
    await question.getByTestId('confirm-modal-button').click();
    await question.waitFor({ state: 'hidden' });
  }

  /** Makes the list of workflows show these columns after status and id, and no others, by the dialog a person would use. */
  async showColumns(wanted: readonly string[]): Promise<void> {
    const { page } = this;
    await page.getByTestId('workflows-summary-table-configuration-button').click();
    const removing = page.getByRole('button', { name: /^Remove (?!Status|Workflow ID).* column$/ });
    await removing.first().waitFor();
    while ((await removing.count()) > 0) await removing.first().click();
    for (const name of wanted) await page.getByRole('button', { name: `Add ${name} column`, exact: true }).click();
    await page.getByTestId('drawer-close-button').click();
    await page.getByTestId('drawer-close-button').waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Collapse saved views' }).click();
  }

  async openSchedule(scheduleId: string): Promise<void> {
    await this.page.goto(`${this.#namespaceUrl}/schedules/${encodeURIComponent(scheduleId)}`);
    await this.page.getByTestId('schedule-name').waitFor();
  }
}
