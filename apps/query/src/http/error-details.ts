import type { ErrorInfo } from '@factflow/domain';
import { Text } from './response-fields';

/** What went wrong in an adapter or an execution. */
export class ErrorDetails {
  @Text({ description: 'Name of the exception class' })
  readonly class!: string;

  @Text()
  readonly message!: string;

  @Text({ nullable: true })
  readonly traceback!: string | null;
}

export const errorDetailsOf = (error: ErrorInfo | null): ErrorDetails | null =>
  error && { class: error.class, message: error.message, traceback: error.traceback ?? null };
