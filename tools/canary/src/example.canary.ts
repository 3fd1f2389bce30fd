import '@factflow/domain'; // forbidden
import '@factflow/store'; // forbidden
import 'typeorm'; // forbidden
import 'pg'; // forbidden
import '@factflow/lineage/testing'; // forbidden
import '@factflow/lineage';
import '@factflow/lineage/nest';
import '@nestjs/common';
