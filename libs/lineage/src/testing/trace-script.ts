import { createLineageRecorder } from '../index';

// A service without OpenTelemetry: prints what it makes of a message that came with a trace.
const recorder = createLineageRecorder({ endpoint: '', structuredLog: '/dev/null', service: 'trace-script' });
const sent = recorder.startExecution({ name: 'run' }).register({ route: 'r', adapter: 'a' }).headers();
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const received = recorder.resume({ ...sent, traceparent });
process.stdout.write(JSON.stringify({ sent, passedOn: received.headers() }));
await recorder.close();
