import '../../command/src/main'; // forbidden
import '@factflow/lineage';
import '@factflow/store/testing';
