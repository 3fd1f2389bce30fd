import '@nestjs/cqrs'; // forbidden
import 'class-validator'; // forbidden
import '@factflow/server'; // forbidden
import '@factflow/lineage'; // forbidden
import '@factflow/store/testing'; // forbidden
import '@factflow/domain';
import '@factflow/store';
