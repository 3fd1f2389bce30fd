import '../../apps/cli/src/main'; // forbidden
import '@factflow/postgres';
import '@factflow/store';
