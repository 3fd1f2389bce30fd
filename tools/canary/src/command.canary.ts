import '../../query/src/main'; // forbidden
import '@factflow/lineage'; // forbidden
import '@factflow/postgres'; // forbidden
import '@factflow/store/testing'; // forbidden
import '@factflow/domain';
import '@factflow/store';
import '@factflow/server';
