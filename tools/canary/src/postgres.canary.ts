import '@factflow/testing'; // forbidden
import '@factflow/domain'; // forbidden
import '@nestjs/common'; // forbidden
import 'typeorm'; // forbidden
import 'pg';
