import { CliError, EXIT } from '../cli-error';
import { commandJson } from '../command-api';
import { clearProgress } from '../progress';
import type { Session } from '../session';
import type { Replay } from './replay-answers';

/** When there was no answer for so long, that is said. */
const SAID_AFTER_MS = 3000;
/** A command app that is started again is waited for. */
const AWAY_MS = 60_000;

/** Reads again and again how far a replay is, and bears with a command app that is away for a while. */
export class ReplayReader {
  private answeredAt: number;
  private isSaid = false;

  constructor(
    private readonly session: Session,
    private readonly id: string,
  ) {
    this.answeredAt = session.context.now();
  }

  /** @returns undefined while the command app is away. @throws CliError when that takes too long, and for any other reason */
  async read(): Promise<Replay | undefined> {
    const { context } = this.session;
    try {
      const replay = await commandJson<Replay>(this.session, {
        method: 'GET',
        path: `executions/${this.id}/replay`,
      });
      this.answeredAt = context.now();
      this.isSaid = false;
      return replay;
    } catch (error) {
      const awayMs = context.now() - this.answeredAt;
      if (!(error instanceof CliError) || error.exitCode !== EXIT.unreachable || awayMs > AWAY_MS)
        throw error;
      if (awayMs >= SAID_AFTER_MS && !this.isSaid) this.say(error.message);
      return undefined;
    }
  }

  private say(why: string): void {
    this.isSaid = true;
    clearProgress(this.session);
    this.session.printer.remark(
      `${why} It is tried again until it was away for ${AWAY_MS / 1000} s; the replay is not lost by that.`,
    );
  }
}
