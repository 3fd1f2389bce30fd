import '../../command/src/main'; // forbidden
import '@factflow/client'; // forbidden
import '@factflow/domain';
import '@factflow/store';
import '@factflow/server';
