import 'typeorm'; // forbidden
import 'pg'; // forbidden
import '@factflow/store'; // forbidden
import '@factflow/domain';
import '@nestjs/common';
