import { eventually } from '@factflow/testing';
import { register } from 'prom-client';
import { exposeMetrics } from './metrics';
import type { RecorderStatus } from './recorder';
import { createLineageTwin } from './lineage-twin';

describe('metrics', () => {
  afterEach(() => register.clear());

  it('are in the service’s own registry, summed over the recorders of a service, until they are taken away', async () => {
    const twin = createLineageTwin({ service: 'documents' });
    twin.recorder.startExecution({ name: 'spec' });
    const status = (): RecorderStatus => twin.recorder.status();
    const [hideOne, hideOther] = [exposeMetrics(status), exposeMetrics(() => status())];
    await eventually(
      async () =>
        expect(await register.metrics()).toContain(
          'factflow_lineage_recorded_events{service="documents"} 2\n',
        ),
      'the metrics',
    );
    hideOne();
    expect(await register.metrics()).toContain('factflow_lineage_recorded_events{service="documents"} 1\n');
    hideOther();
    expect(await register.metrics()).not.toContain('{service=');
  });
});
