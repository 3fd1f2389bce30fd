import 'pg'; // forbidden
import 'typeorm'; // forbidden
import '@nestjs/common'; // forbidden
import '@factflow/store'; // forbidden
import '@factflow/lineage'; // forbidden
import '@factflow/domain';
