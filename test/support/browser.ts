/** The machine's own browser, without a window. */
import { execFileSync } from 'node:child_process';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';

const programs = ['chromium', 'chromium-browser', 'google-chrome'];

function browserPath(): string {
  for (const program of programs) {
    try {
      return execFileSync('sh', ['-c', 'command -v "$1"', 'sh', program], { encoding: 'utf8' }).trim();
    } catch {
      // The next name may be there.
    }
  }
  throw new Error(`these tests need a browser: apt-get install chromium (looked for ${programs.join(', ')})`);
}

export interface TestPage extends AsyncDisposable {
  readonly page: Page;
  /** What the page and its console said was wrong. */
  readonly complaints: readonly string[];
}

export async function openPage(url: string): Promise<TestPage> {
  // Root may not use the sandbox, and the page is our own.
  const browser: Browser = await chromium.launch({ executablePath: browserPath(), args: ['--no-sandbox'] });
  const page = await browser.newPage();
  // Machines under load are slow.
  page.setDefaultTimeout(120_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(url);
  return { page, complaints, [Symbol.asyncDispose]: () => browser.close() };
}
