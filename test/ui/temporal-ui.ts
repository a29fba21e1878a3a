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
    await page.locator('[contenteditable="true"][data-language="json"]').fill(input);
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

  /** What the workflow's page says in its head: `Running`, `Canceled`, … */
  get workflowStatus(): Locator {
    return this.page.getByTestId('workflow-id-heading').locator('xpath=ancestor::header[1]');
  }

  /** The Markdown that the workflow keeps of itself, as rendered. */
  get currentDetails(): Locator {
    return this.page.frameLocator('iframe[title="output"]').locator('body');
  }

  get main(): Locator {
    return this.page.locator('#content');
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
    const question = this.page.locator('dialog[open]');
    if (reason !== undefined) await question.getByRole('textbox').first().fill(reason);
    await question.getByTestId('confirm-modal-button').click();
    await question.waitFor({ state: 'hidden' });
  }

  async openSchedule(scheduleId: string): Promise<void> {
    await this.page.goto(`${this.#namespaceUrl}/schedules/${encodeURIComponent(scheduleId)}`);
    await this.page.getByTestId('schedule-name').waitFor();
  }
}
